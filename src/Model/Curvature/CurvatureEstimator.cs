using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Training;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Curvature;

/// <summary>Power iteration on the input Hessian of the per-sample cross-entropy, by Hessian-vector products.</summary>
/// <remarks>
/// Reference estimate_curvature.py:24-72. On an indefinite Hessian its Rayleigh quotient u'Hu can cancel to nothing although ||Hu|| has
/// converged (reference/paper.md section 5), so ||Hu|| is what we report and the quotient stands beside it.
/// </remarks>
public static class CurvatureEstimator
{
    // estimate_curvature.py:53,60.
    private const double Epsilon = 1e-6;
    private static readonly long[] _pixels = [1, 2, 3];

    /// <summary>Measures some samples at once.</summary>
    /// <param name="layers">Evaluation parameters of every layer.</param>
    /// <param name="samples">B samples.</param>
    /// <param name="directions_BCHW">Start directions, normalised here.</param>
    /// <param name="iterations">Steps of the power iteration on each sample's Hessian.</param>
    /// <param name="advanced">Called after every power iteration.</param>
    public static IReadOnlyList<SampleCurvature> Measure(
        Network network, IReadOnlyList<PreparedLayer> layers, SampleBatch samples, Tensor directions_BCHW, int iterations, Action? advanced = null)
    {
        using var scope = NewDisposeScope();
        using var grad = enable_grad();
        var image = samples.Images.detach().requires_grad_();
        var logits = network.Forward(image, new ForwardPass(Normalization.Running, layers));
        var loss = nn.functional.cross_entropy(logits, samples.Labels, reduction: nn.Reduction.Sum);
        var gradient = LibtorchException.In("the backward pass", () => LeafGradients.Of(loss, [image], createGraph: true)[0]);

        var u = directions_BCHW / Norm(directions_BCHW);
        Tensor Product(Tensor direction) =>
            LibtorchException.In("the second backward pass", () => LeafGradients.Of(gradient, [image], direction, retainGraph: true)[0]);
        for (var i = 0; i < iterations; i++)
        {
            using var step = NewDisposeScope();
            var product = Product(u);
            var next = (product / Norm(product).Plus(Epsilon)).MoveToOuterDisposeScope();
            u.Dispose();
            u = next;
            advanced?.Invoke();
        }

        var last = Product(u);
        var hessian = ToDoubles(Norm(last));
        var rayleigh = ToDoubles((last * u).sum(_pixels).abs());
        var slope = ToDoubles(Norm(gradient.detach()));
        return [.. hessian.Select((norm, i) => new SampleCurvature(
            norm / (slope[i] + Epsilon), norm, slope[i], rayleigh[i], rayleigh[i] / (slope[i] + Epsilon)))];
    }

    private static Tensor Norm(Tensor t_BCHW) => (t_BCHW * t_BCHW).sum(_pixels, keepdim: true).sqrt();

    private static double[] ToDoubles(Tensor t) => t.reshape(-1).to(ScalarType.Float64, CPU).data<double>().ToArray();
}
