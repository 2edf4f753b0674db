using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Attacks;

/// <summary>Any function that autograd differentiates.</summary>
/// <param name="function">Images [B, C, H, W] to logits [B, K], row by row.</param>
internal sealed class FunctionClassifier(Func<Tensor, Tensor> function) : Classifier
{
    /// <inheritdoc/>
    public override Tensor Logits(Tensor x_BCHW)
    {
        using var _ = no_grad();
        return function(x_BCHW);
    }

    /// <inheritdoc/>
    public override LossSlope Differentiate(Tensor x_BCHW, AttackLoss loss)
    {
        using var _ = enable_grad();
        var leaf = x_BCHW.detach().requires_grad_();
        var logits = function(leaf);
        var losses = loss(logits);
        var gradient = LeafGradients.Of(losses.sum(), [leaf])[0];
        return new LossSlope(logits.detach(), losses.detach(), gradient);
    }
}
