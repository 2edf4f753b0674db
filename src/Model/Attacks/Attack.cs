using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Attacks;

/// <summary>What an attack made of some samples.</summary>
/// <param name="Images">Shape of the samples'; the clean one where nothing was found.</param>
/// <param name="IsFooled">Whether each image is within the attack's ball and classified wrongly.</param>
/// <param name="HadNoGradient">Whether a gradient that was all zero came up: where they do, attacks by gradients are worth little.</param>
internal sealed record AttackOutcome(Tensor Images, bool[] IsFooled, bool[] HadNoGradient);

/// <summary>Looks for images near given ones that are classified wrongly.</summary>
internal abstract class Attack
{
    /// <summary>As reports name it.</summary>
    public abstract string Name { get; }

    /// <summary>Passes through the network that it makes of each sample at most; a gradient counts as three.</summary>
    public abstract double MostWork { get; }

    /// <summary>Attacks samples that are classified rightly; the result is in the caller's dispose scope.</summary>
    public abstract AttackOutcome Run(Classifier classifier, AttackSamples samples);
}
