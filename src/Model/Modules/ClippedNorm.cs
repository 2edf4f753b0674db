using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Lcnn.Distributed.Model.Modules;

/// <summary>The forward pass of a gamma-Lipschitz batch norm over a module's tensors (reference models/layers.py:94-103).</summary>
/// <param name="RunningMean">Shape [C], changed in training.</param>
/// <param name="RunningVar">Shape [C], changed in training.</param>
/// <param name="BatchesTracked">Shape [], changed in training.</param>
/// <param name="LogLipschitz">log gamma, shape [].</param>
/// <param name="Weight">Slopes of the affine part, shape [C], or null.</param>
/// <param name="Bias">Its offsets, shape [C], or null.</param>
/// <param name="Epsilon">Added to variances.</param>
/// <param name="Momentum">Weight of the newest batch, or null for the plain mean of all.</param>
internal readonly record struct ClippedNorm(
    Tensor RunningMean, Tensor RunningVar, Tensor BatchesTracked, Tensor LogLipschitz, Parameter? Weight, Parameter? Bias, double Epsilon, double? Momentum)
{
    // Below any slope that counts, and far from an infinite scale.
    private const double LeastSlope = 1e-12;

    /// <summary>The normalised input with its gain, which is read before this batch updates the variances.</summary>
    public Tensor Apply(Tensor input_BCHW, bool training)
    {
        using var scope = NewDisposeScope();
        var gain = LipschitzBatchNorm.GainOf(LogLipschitz, Scale());
        var slopes_C = Weight is null ? gain.expand(RunningVar.shape[0]) : gain * Weight;
        if (training)
        {
            using var _ = no_grad();
            BatchesTracked.PlusInPlace(ones_like(BatchesTracked));
        }

        return functional.batch_norm(input_BCHW, RunningMean, RunningVar, slopes_C, Bias, training, training ? Newest() : 0, Epsilon).MoveToOuterDisposeScope();
    }

    // 1 / the steepest channel's slope.
    private Tensor Scale() => Weight is null
        ? LipschitzBatchNorm.ScaleOf(RunningVar, Epsilon)
        : (RunningVar.Plus(Epsilon).sqrt() / Weight.abs().AtLeast(LeastSlope)).amin([0L]);

    private double Newest() => Momentum ?? (1.0 / BatchesTracked.ReadInt64());
}
