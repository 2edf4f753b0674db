using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Curvature;

/// <summary>Power iteration on the Hessians of some samples, given by their products with directions.</summary>
internal static class HessianPowerIteration
{
    // estimate_curvature.py:53,60.
    private const double Epsilon = 1e-6;
    private static readonly long[] _pixels = [1, 2, 3];

    /// <summary>Iterates, then reads the figures of every sample.</summary>
    /// <param name="product">H times a direction for every sample, shape [B, C, H, W].</param>
    /// <param name="gradient_BCHW">Slopes of the samples' losses.</param>
    /// <param name="directions_BCHW">Start directions, normalised here.</param>
    /// <param name="iterations">Steps for each sample.</param>
    /// <param name="advanced">Called after every step.</param>
    public static IReadOnlyList<SampleCurvature> Run(
        Func<Tensor, Tensor> product, Tensor gradient_BCHW, Tensor directions_BCHW, int iterations, Action? advanced = null)
    {
        var u = directions_BCHW / Norm(directions_BCHW);
        for (var i = 0; i < iterations; i++)
        {
            using var step = NewDisposeScope();
            using var curved = product(u);
            var next = (curved / Norm(curved).Plus(Epsilon)).MoveToOuterDisposeScope();
            u.Dispose();
            u = next;
            advanced?.Invoke();
        }

        using var last = product(u);
        var hessian = Norm(last).ReadDoubles();
        var rayleigh = (last * u).sum(_pixels).abs().ReadDoubles();
        var slope = Norm(gradient_BCHW).ReadDoubles();
        return [.. hessian.Select((norm, i) => new SampleCurvature(
            norm / (slope[i] + Epsilon), norm, slope[i], rayleigh[i], rayleigh[i] / (slope[i] + Epsilon)))];
    }

    private static Tensor Norm(Tensor t_BCHW) => (t_BCHW * t_BCHW).sum(_pixels, keepdim: true).sqrt();
}
