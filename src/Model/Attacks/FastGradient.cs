using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Attacks;

/// <summary>One step of the ball's whole radius along the gradient of the cross-entropy (Goodfellow et al. 2015: FGSM, for l2 FGM).</summary>
internal sealed class FastGradient(NormBall ball) : Attack
{
    /// <inheritdoc/>
    public override string Name => "fgsm";

    /// <inheritdoc/>
    public override double MostWork => Classifier.WorkOfGradient + 1;

    /// <inheritdoc/>
    public override AttackOutcome Run(Classifier classifier, AttackSamples samples)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var gradient = classifier.Differentiate(samples.Images, AttackLosses.CrossEntropy(samples.Labels)).Gradient;
        var moved = ball.Range.Clip(samples.Images.PlusScaled(ball.Direction(gradient), ball.Radius));
        var isFooled = PerSample.IsFooled(classifier.Logits(moved), samples.Labels);
        return new AttackOutcome(
            PerSample.Choose(isFooled, moved, samples.Images).MoveToOuterDisposeScope(), PerSample.Read(isFooled), PerSample.Read(PerSample.IsNothing(gradient)));
    }
}
