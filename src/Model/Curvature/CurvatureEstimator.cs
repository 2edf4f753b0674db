using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Networks;
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

        Tensor Product(Tensor direction)
        {
            using var adjoint = tape.Run(Pass.Adjoint, direction)!;
            return tape.Run(Pass.Backward, loss.Curved(adjoint))!;
        }

        return HessianPowerIteration.Run(Product, gradient, directions_BCHW, iterations, advanced);
    }
}
