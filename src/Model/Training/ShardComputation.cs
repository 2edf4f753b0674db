using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Networks;

namespace Lcnn.Distributed.Model.Training;

/// <summary>What the shards of a step have in common: each is a pass forward and backward with respect to the effective parameters (design.md, promises P2 and P3).</summary>
/// <remarks>It changes nothing of its own: threads share it.</remarks>
/// <param name="objective">The penalties on betas and gammas are left to the owners.</param>
/// <param name="layers">Effective parameters of every layer; shared with other threads and only read.</param>
/// <param name="globalBatchCount">Samples of the whole step.</param>
public sealed class ShardComputation(Network network, Objective objective, IReadOnlyList<PreparedLayer> layers, int globalBatchCount)
{
    /// <summary>Of the network, one unless told otherwise. They change no bit of any gradient.</summary>
    public GradientBuckets Buckets { get => field ??= GradientBuckets.One(network); init; }

    /// <summary><see cref="Normalization.Running"/> trains with frozen statistics.</summary>
    public Normalization Normalization { get; init; } = Normalization.Batch;

    internal Network Network => network;

    internal Objective Objective => objective;

    internal IReadOnlyList<PreparedLayer> Layers => layers;

    internal int GlobalBatchCount => globalBatchCount;

    /// <summary>The pass forward of one shard; dispose it on this thread, after its pass backward.</summary>
    /// <exception cref="Native.LibtorchException">libtorch could not.</exception>
    public ShardPass Forward(SampleBatch samples) => new(this, samples);

    /// <summary>Gradients and loss terms of one shard, already divided by the global batch.</summary>
    /// <exception cref="Native.LibtorchException">libtorch could not.</exception>
    public ShardGradient Compute(SampleBatch samples)
    {
        ShardGradient? whole = null;
        using var pass = Forward(samples);
        pass.Backward((_, gradient) => whole = gradient);
        return whole!;
    }
}
