using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Modules;

/// <summary>The terms that make the curvature of a network low when they are added, weighted, to its loss (reference regularized_loss.py).</summary>
/// <remarks>The released weights are 1e-2, 1e-2 and 1e-3, in the order below; 1e-3 for all three made the paper's table.</remarks>
public static class Penalties
{
    /// <summary>Sum of exp(log_beta) over the network's activations, shape [], differentiable; 0 without any.</summary>
    /// <param name="network">Any module tree; an activation that is used at several places counts once.</param>
    public static Tensor Beta(nn.Module network) =>
        Sum(network, [.. ModuleTree.Of(network).OfType<CenteredSoftplus>().Select(activation => activation.LogBeta)], logBeta => logBeta.exp());

    /// <summary>Sum of |log gamma| over the network's batch norms, shape [], differentiable; 0 without any.</summary>
    /// <param name="network">Any module tree.</param>
    public static Tensor Gamma(nn.Module network) =>
        Sum(network, [.. ModuleTree.Of(network).OfType<ILipschitzNorm>().Select(norm => norm.LogLipschitz)], logGamma => logGamma.abs());

    /// <summary>The gradient-norm term, 1e5 / B times the squared length of the slope of a loss by its images, shape [], differentiable.</summary>
    /// <remarks>The slope is had by backward with a graph, of which libtorch warns once; nothing stays behind in the images.</remarks>
    /// <param name="loss">Shape []: the mean over the batch.</param>
    /// <param name="images">Shape [B, ...]: a leaf that required gradients before the forward pass.</param>
    /// <exception cref="ArgumentException">The images do not require gradients, or are no leaf.</exception>
    public static Tensor GradientNorm(Tensor loss, Tensor images)
    {
        if (!images.requires_grad || !images.is_leaf)
        {
            throw new ArgumentException("the gradient-norm term needs images that require gradients: images.detach().requires_grad_() before the forward pass", nameof(images));
        }

        using var scope = NewDisposeScope();
        images.grad = null;
        var slope = LeafGradients.Of(loss, [images], retainGraph: true, createGraph: true)[0];
        return (slope * slope).sum().Times(Objective.GradientNormFactor / images.shape[0]).MoveToOuterDisposeScope();
    }

    private static Tensor Sum(nn.Module network, IReadOnlyList<Tensor> numbers, Func<Tensor, Tensor> term)
    {
        using var scope = NewDisposeScope();
        if (numbers.Count > 0)
        {
            return stack([.. numbers.Select(term)]).sum().MoveToOuterDisposeScope();
        }

        var any = network.parameters().FirstOrDefault();
        return zeros(Array.Empty<long>(), dtype: any?.dtype ?? get_default_dtype(), device: any?.device).MoveToOuterDisposeScope();
    }
}
