using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Layers;

/// <summary>Running statistics of a batch norm without affine part, and the gain that makes it gamma-Lipschitz.</summary>
/// <remarks>
/// Reference models/layers.py:94-103: out = BN(x) * scale * min(1/scale, gamma) with scale = min over channels of
/// sqrt(running_var + 1e-5), read before this batch updates it; hence one gain min(1, scale * gamma) for all channels.
/// </remarks>
public sealed class LipschitzBatchNorm : IDisposable
{
    /// <summary>Added to a variance before its square root is taken, as PyTorch does by default.</summary>
    public const double Epsilon = 1e-5;

    /// <summary>Weight of the newest batch in the running statistics.</summary>
    public const double Momentum = 0.1;

    /// <summary>Fresh statistics: mean 0, variance 1, no batch seen.</summary>
    public LipschitzBatchNorm(int channels, ScalarType dtype)
    {
        RunningMean = zeros(channels, dtype: dtype).DetachFromDisposeScope();
        RunningVar = ones(channels, dtype: dtype).DetachFromDisposeScope();
        BatchesTracked = zeros(Array.Empty<long>(), dtype: ScalarType.Int64).DetachFromDisposeScope();
    }

    /// <summary>Shape [channels].</summary>
    public Tensor RunningMean { get; private set; }

    /// <summary>Shape [channels], unbiased.</summary>
    public Tensor RunningVar { get; private set; }

    /// <summary>Shape [], int64.</summary>
    public Tensor BatchesTracked { get; private set; }

    /// <summary>What of the last <see cref="Gain"/> is gamma's, shape []: 1, 0, or a half at a tie. Its derivative in log_lipschitz is as much of itself.</summary>
    public Tensor? GammaShare { get; private set; }

    /// <summary>min(1, scale * exp(log_lipschitz)), shape [], differentiable in log_lipschitz; a tie halves the gradient as torch.minimum.</summary>
    public Tensor Gain(Tensor logLipschitz)
    {
        using var scope = NewDisposeScope();
        var scale = RunningVar.Plus(Epsilon).amin([0L]).sqrt();
        var most = scale.reciprocal();
        Tensor isTaken, share;
        using (no_grad())
        {
            var gamma = logLipschitz.exp();
            isTaken = gamma.le(most).to(scale.dtype);
            share = isTaken.Plus(gamma.lt(most).to(scale.dtype)).Times(0.5);
            most = most - (most * share);
            GammaShare?.Dispose();
            GammaShare = share.DetachFromDisposeScope();
        }

        return (scale * ((logLipschitz * isTaken).exp() * share).Plus(most)).MoveToOuterDisposeScope();
    }

    /// <summary>Takes one global batch into the running statistics.</summary>
    public void Update(BatchStatistics batch, RunningStatistics start = RunningStatistics.Reference)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var momentum = start == RunningStatistics.Warm ? Math.Max(Momentum, 1.0 / (BatchesTracked.ReadInt64() + 1)) : Momentum;
        var variance = Enumerable.Range(0, batch.Mean.Length).Select(batch.UnbiasedVariance).ToArray();
        Blend(RunningMean, tensor(batch.Mean.ToArray(), dtype: RunningMean.dtype), momentum);
        Blend(RunningVar, tensor(variance, dtype: RunningVar.dtype), momentum);
        BatchesTracked.PlusInPlace(ones_like(BatchesTracked));
    }

    internal void MoveTo(Device device)
    {
        RunningMean = TensorLayout.Move(RunningMean, device);
        RunningVar = TensorLayout.Move(RunningVar, device);
        BatchesTracked = TensorLayout.Move(BatchesTracked, device);
        GammaShare = GammaShare is null ? null : TensorLayout.Move(GammaShare, device);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        RunningMean.Dispose();
        RunningVar.Dispose();
        BatchesTracked.Dispose();
        GammaShare?.Dispose();
    }

    private static void Blend(Tensor running, Tensor batch, double momentum) =>
        running.TimesInPlace(1 - momentum).PlusScaledInPlace(batch.to(running.device), momentum);
}
