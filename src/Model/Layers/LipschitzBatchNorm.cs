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

    /// <summary>Where a gamma begins (resnet_spectral.py:120).</summary>
    internal const double InitialGamma = 10;

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

    /// <summary>A fresh log gamma, shape []; a plain norm keeps one that does not learn, as the reference's do.</summary>
    internal static RawParameter NewLogLipschitz(string path, ScalarType dtype, bool learns) =>
        new($"{path}.log_lipschitz", tensor(InitialGamma, dtype: dtype).log_(), decays: false, learns: learns);

    /// <summary>What log gamma pays.</summary>
    internal static PenaltyTerms PenaltyOf(double raw) => new(0, Math.Abs(raw), null, Math.Exp(raw));

    /// <summary>The derivative of that.</summary>
    internal static Tensor PenaltyGradient(RawParameter logLipschitz, double gammaWeight) => logLipschitz.Value.detach().sign().TimesInPlace(gammaWeight);

    /// <summary>The statistics by their checkpoint keys.</summary>
    /// <param name="path">Path of the layer.</param>
    internal IReadOnlyList<KeyValuePair<string, Tensor>> Buffers(string path) =>
        [new($"{path}.bn.running_mean", RunningMean), new($"{path}.bn.running_var", RunningVar), new($"{path}.bn.num_batches_tracked", BatchesTracked)];

    /// <summary>min(1, scale * exp(log_lipschitz)), shape [], differentiable in log_lipschitz; a tie halves the gradient as torch.minimum.</summary>
    public Tensor Gain(Tensor logLipschitz)
    {
        using var scope = NewDisposeScope();
        return GainOf(logLipschitz, Scale()).MoveToOuterDisposeScope();
    }

    /// <summary>The gain of a batch norm whose steepest channel has slope 1 / scale, shape [], differentiable in both.</summary>
    internal static Tensor GainOf(Tensor logLipschitz, Tensor scale)
    {
        using var scope = NewDisposeScope();
        var (isTaken, share) = GammaShare(logLipschitz, scale);
        var most = scale.reciprocal();
        return (scale * ((logLipschitz * isTaken).exp() * share).Plus(most - (most * share))).MoveToOuterDisposeScope();
    }

    /// <summary>Derivative of <see cref="Gain"/> in log_lipschitz: all of the gain, none of it, or a half at a tie; shape [].</summary>
    public Tensor GainSlope(Tensor logLipschitz, Tensor gain)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        return (gain * GammaShare(logLipschitz, Scale()).Share).MoveToOuterDisposeScope();
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
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        RunningMean.Dispose();
        RunningVar.Dispose();
        BatchesTracked.Dispose();
    }

    /// <summary>1 / the steepest slope of a batch norm without affine part, shape [].</summary>
    internal static Tensor ScaleOf(Tensor runningVar, double epsilon) => runningVar.Plus(epsilon).amin([0L]).sqrt();

    private Tensor Scale() => ScaleOf(RunningVar, Epsilon);

    // Whether the gain is gamma's, and its share of it: 1, 0, or a half at a tie.
    private static (Tensor IsTaken, Tensor Share) GammaShare(Tensor logLipschitz, Tensor scale)
    {
        using var _ = no_grad();
        var (gamma, most) = (logLipschitz.exp(), scale.reciprocal());
        var isTaken = gamma.le(most).to(scale.dtype);
        return (isTaken, isTaken.Plus(gamma.lt(most).to(scale.dtype)).Times(0.5));
    }

    private static void Blend(Tensor running, Tensor batch, double momentum) =>
        running.TimesInPlace(1 - momentum).PlusScaledInPlace(batch.to(running.device), momentum);
}
