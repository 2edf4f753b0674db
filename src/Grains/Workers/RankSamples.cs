using System.Text.Json.Nodes;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>Training samples that each rank computed in the run's history; steps that a replay undid do not count. It travels in snapshots.</summary>
internal sealed class RankSamples(ShardPlan plan, int worldSize)
{
    private readonly long[] _samples = new long[worldSize];

    public long this[int rank] => _samples[rank];

    /// <summary>Adds the samples of one step's batch, by the ranks that computed them.</summary>
    public void Add(int batchCount)
    {
        for (var rank = 0; rank < worldSize; rank++)
        {
            var (first, count) = ShardPlan.ShardsOf(rank, worldSize, plan.Shards).GetOffsetAndLength(plan.Shards);
            _samples[rank] += plan.Shard(first + count - 1, batchCount).End.Value - plan.Shard(first, batchCount).Start.Value;
        }
    }

    /// <summary>For a snapshot, in rank order.</summary>
    public JsonArray Save() => [.. _samples.Select(count => JsonValue.Create(count))];

    /// <summary>From a snapshot; the share of ranks that are no more goes to rank 0.</summary>
    public void Load(JsonArray saved)
    {
        for (var rank = 0; rank < saved.Count; rank++)
        {
            _samples[rank < worldSize ? rank : 0] += (long)saved[rank]!;
        }
    }
}
