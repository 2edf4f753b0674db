using Lcnn.Distributed.Data.Randomness;

namespace Lcnn.Distributed.Model.Training;

/// <summary>Which samples each step and each logical shard takes: it follows from (seed, epoch, step) alone.</summary>
/// <param name="sampleCount">Training samples.</param>
/// <param name="batchSize">Samples of one global batch.</param>
/// <param name="shards">V, the number of logical shards.</param>
/// <param name="seed">Seed of the run.</param>
public sealed class ShardPlan(int sampleCount, int batchSize, int shards, long seed)
{
    /// <summary>Steps of one epoch; a last remainder under 2V samples joins the batch before it.</summary>
    public int StepsPerEpoch { get; } = Math.Max(1, (sampleCount / batchSize) + (sampleCount % batchSize >= 2 * shards ? 1 : 0));

    /// <summary>V, the number of logical shards that every global batch is cut into.</summary>
    public int Shards { get; } = shards;

    /// <summary>The order of an epoch's samples.</summary>
    /// <param name="epoch">From 0.</param>
    public int[] Order(int epoch)
    {
        var order = Enumerable.Range(0, sampleCount).ToArray();
        var draws = RandomSource.For(seed, RandomPurpose.EpochOrder, epoch);
        for (var last = order.Length - 1; last > 0; last--)
        {
            var other = draws.NextInt(last + 1);
            (order[last], order[other]) = (order[other], order[last]);
        }

        return order;
    }

    /// <summary>Positions in the epoch's order that a step takes.</summary>
    /// <param name="stepInEpoch">From 0.</param>
    public Range Batch(int stepInEpoch) =>
        (stepInEpoch * batchSize)..(stepInEpoch == StepsPerEpoch - 1 ? sampleCount : (stepInEpoch + 1) * batchSize);

    /// <summary>Positions in a batch of n samples that a shard takes: floor(s n / V) .. floor((s+1) n / V) - 1.</summary>
    public Range Shard(int shard, int batchCount) =>
        (int)((long)shard * batchCount / Shards)..(int)((long)(shard + 1) * batchCount / Shards);

    /// <summary>The shards of a rank: a contiguous range, as even as it can be.</summary>
    public static Range ShardsOf(int rank, int worldSize, int shards) =>
        (rank * shards / worldSize)..((rank + 1) * shards / worldSize);
}
