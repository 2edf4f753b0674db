using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Attacks;

/// <summary>One loss a sample, shape [B], of logits [B, K], in operations that autograd differentiates; each depends on its own row alone.</summary>
internal delegate Tensor AttackLoss(Tensor logits_BK);

/// <summary>What an attack learns at some images, all in the dispose scope of who asked.</summary>
/// <param name="Logits">Shape [B, K].</param>
/// <param name="Loss">Shape [B].</param>
/// <param name="Gradient">Of every sample's own loss, shape of the images.</param>
internal sealed record LossSlope(Tensor Logits, Tensor Loss, Tensor Gradient);

/// <summary>A network under attack: images to logits, in evaluation.</summary>
internal abstract class Classifier
{
    /// <summary>What a gradient costs, in passes that give logits alone.</summary>
    public const int WorkOfGradient = 3;

    /// <summary>Logits, shape [B, K], in the caller's dispose scope.</summary>
    /// <param name="x_BCHW">They stay the caller's.</param>
    public abstract Tensor Logits(Tensor x_BCHW);

    /// <summary>Logits, losses and the losses' gradients by the images.</summary>
    public abstract LossSlope Differentiate(Tensor x_BCHW, AttackLoss loss);

    /// <summary>Losses and their slopes by the logits.</summary>
    protected static (Tensor Loss_B, Tensor Slope_BK) SlopeOf(Tensor logits_BK, AttackLoss loss)
    {
        using var _ = enable_grad();
        var leaf = logits_BK.detach().requires_grad_();
        var losses = loss(leaf);
        return (losses.detach(), LeafGradients.Of(losses.sum(), [leaf])[0]);
    }
}
