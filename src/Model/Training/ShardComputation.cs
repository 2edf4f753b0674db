using System.Diagnostics;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Operations;

namespace Lcnn.Distributed.Model.Training;

/// <summary>What the shards of a rank's step have in common: each goes through the passes with respect to the effective parameters (design.md, promises P2 and P3).</summary>
/// <remarks>Threads share it.</remarks>
/// <param name="objective">The penalties on betas and gammas are left to the owners.</param>
/// <param name="layers">Effective parameters of every layer; shared with other threads and only read; they stay the caller's.</param>
/// <param name="globalBatchCount">Samples of the whole step.</param>
/// <param name="normalization"><see cref="Normalization.Running"/> trains with frozen statistics.</param>
public sealed class ShardComputation(
    Network network, Objective objective, IReadOnlyList<PreparedLayer> layers, int globalBatchCount, Normalization normalization = Normalization.Shard) : IDisposable
{
    private readonly long[] _ticks = new long[Enum.GetValues<Pass>().Length];

    /// <summary>Of the network, one unless told otherwise. They change no bit of any gradient.</summary>
    public GradientBuckets Buckets { get => field ??= GradientBuckets.One(network); init; }

    internal Network Network => network;

    internal Objective Objective => objective;

    internal EffectiveParameters Parameters { get; } = new(layers, normalization);

    internal int GlobalBatchCount => globalBatchCount;

    /// <summary>For trials of the recovery: the last pass wants more memory than any machine has.</summary>
    public bool WantsTooMuchMemory { get; init; }

    /// <summary>Time spent in passes, all threads together.</summary>
    public TimeSpan Time => Enum.GetValues<Pass>().Aggregate(TimeSpan.Zero, (sum, pass) => sum + TimeOf(pass));

    /// <summary>Time spent in one of the passes, all threads together.</summary>
    public TimeSpan TimeOf(Pass pass) => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref _ticks[(int)pass]));

    /// <summary>One shard, before its first pass, which takes over the samples.</summary>
    public ShardPass Begin(SampleBatch samples, Action<int, ShardGradient> ready) => new(this, samples, ready);

    /// <summary>Gradients and loss terms of one shard that needs no sums over others, already divided by the global batch.</summary>
    /// <exception cref="Native.LibtorchException">libtorch could not.</exception>
    public ShardGradient Compute(SampleBatch samples)
    {
        ShardGradient? whole = null;
        using var pass = Begin(samples, (_, gradient) => whole = gradient);
        pass.Advance();
        return whole!;
    }

    internal void AddTime(Pass pass, long ticks) => Interlocked.Add(ref _ticks[(int)pass], ticks);

    /// <inheritdoc/>
    public void Dispose() => Parameters.Dispose();
}
