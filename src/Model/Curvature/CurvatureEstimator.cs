using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Operations;
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
        using var _ = no_grad();
        using var parameters = new EffectiveParameters(layers, Normalization.Running) { ReachesImages = true };
        using var tape = new Tape(network, parameters);
        // A batch of one for each sample: the slopes are those of its own cross-entropy.
        using var loss = new CrossEntropy(samples.Labels, globalBatchCount: 1);
        using var logits_BK = tape.Run(Pass.Forward, samples.Images)!;
        using var gradient = tape.Run(Pass.BackwardToInput, loss.Begin(logits_BK))!;

        var u = directions_BCHW / Norm(directions_BCHW);
        Tensor Product(Tensor direction)
        {
            using var adjoint = tape.Run(Pass.Adjoint, direction)!;
            return tape.Run(Pass.Backward, loss.Curved(adjoint))!;
        }

        for (var i = 0; i < iterations; i++)
        {
            using var step = NewDisposeScope();
            using var product = Product(u);
            var next = (product / Norm(product).Plus(Epsilon)).MoveToOuterDisposeScope();
            u.Dispose();
            u = next;
            advanced?.Invoke();
        }

        using var last = Product(u);
        var hessian = Norm(last).ReadDoubles();
        var rayleigh = (last * u).sum(_pixels).abs().ReadDoubles();
        var slope = Norm(gradient).ReadDoubles();
        return [.. hessian.Select((norm, i) => new SampleCurvature(
            norm / (slope[i] + Epsilon), norm, slope[i], rayleigh[i], rayleigh[i] / (slope[i] + Epsilon)))];
    }

    private static Tensor Norm(Tensor t_BCHW) => (t_BCHW * t_BCHW).sum(_pixels, keepdim: true).sqrt();

}
