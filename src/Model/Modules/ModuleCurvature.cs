using Lcnn.Distributed.Model.Curvature;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Lcnn.Distributed.Model.Modules;

/// <summary>Measures the curvature of any network from images to logits: power iteration on the Hessian of each sample's cross-entropy by its pixels.</summary>
/// <remarks>
/// Reference estimate_curvature.py:24-72, but that ||Hu|| is taken for the norm of the Hessian. The network is measured in evaluation mode and put back
/// to the modes its modules had; no gradient stays behind. Where it has ReLU, the Hessian misses the kinks and the figure means little.
/// </remarks>
public static class ModuleCurvature
{
    private const int BatchCount = 25;

    /// <summary>Measures every image.</summary>
    /// <param name="network">From images to logits, every sample for itself in evaluation mode.</param>
    /// <param name="images">Shape [N, channels, height, width].</param>
    /// <param name="labels">Shape [N], int64.</param>
    /// <param name="iterations">Steps of the power iteration.</param>
    /// <param name="seed">The start directions follow from it and the place of the image.</param>
    /// <returns>One figure an image; <see cref="MeanCurvature.Of"/> averages them.</returns>
    /// <exception cref="ArgumentException">The shapes do not go together.</exception>
    public static IReadOnlyList<SampleCurvature> Measure(Module<Tensor, Tensor> network, Tensor images, Tensor labels, int iterations = 10, long seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(iterations);
        if (images.ndim != 4 || labels.ndim != 1 || labels.shape[0] != images.shape[0])
        {
            throw new ArgumentException($"expected images [N, C, H, W] and labels [N], got [{string.Join(", ", images.shape)}] and [{string.Join(", ", labels.shape)}]");
        }

        using var mode = ModuleTree.Evaluating(network);
        var measured = new List<SampleCurvature>();
        for (var first = 0; first < images.shape[0]; first += BatchCount)
        {
            using var scope = NewDisposeScope();
            var indices = Enumerable.Range(first, (int)Math.Min(BatchCount, images.shape[0] - first)).ToArray();
            var part_BCHW = images.narrow(0, first, indices.Length).detach().clone();
            var directions_BCHW = StartDirections.Of(seed, indices, part_BCHW.shape).to(part_BCHW.dtype, part_BCHW.device);
            measured.AddRange(Measure(network, part_BCHW, labels.narrow(0, first, indices.Length), directions_BCHW, iterations));
        }

        return measured;
    }

    internal static IReadOnlyList<SampleCurvature> Measure(
        Module<Tensor, Tensor> network, Tensor images_BCHW, Tensor labels_B, Tensor directions_BCHW, int iterations)
    {
        using var scope = NewDisposeScope();
        using var _ = enable_grad();
        var x_BCHW = images_BCHW.detach().requires_grad_();
        var loss = functional.cross_entropy(network.call(x_BCHW), labels_B, reduction: Reduction.Sum);
        var gradient_BCHW = LeafGradients.Of(loss, [x_BCHW], retainGraph: true, createGraph: true)[0];
        Tensor Product(Tensor direction_BCHW) => LeafGradients.Of(gradient_BCHW, [x_BCHW], direction_BCHW, retainGraph: true)[0];
        using var gradientOnly = no_grad();
        return HessianPowerIteration.Run(Product, gradient_BCHW, directions_BCHW, iterations);
    }
}
