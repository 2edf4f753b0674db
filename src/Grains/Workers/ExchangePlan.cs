using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>Which parcels a step of a network needs between which ranks: it follows from network, world size, shards and bucket size alone.</summary>
internal sealed class ExchangePlan
{
    private readonly int _shards;
    private readonly int[][][] _layers; // by bucket and owner

    /// <param name="network">What is trained.</param>
    /// <param name="worldSize">N, the number of ranks.</param>
    /// <param name="shards">V, the number of logical shards.</param>
    /// <param name="bucketBytes">Size at which a bucket is full.</param>
    public ExchangePlan(Network network, int worldSize, int shards, long bucketBytes)
    {
        (WorldSize, _shards) = (worldSize, shards);
        Owners = OwnerPlan.Assign(network, worldSize);
        Buckets = new GradientBuckets(network, bucketBytes);
        var all = Enumerable.Range(0, Owners.Count).ToArray();
        _layers = [.. Enumerable.Range(0, Buckets.Count).Select(bucket => Enumerable.Range(0, worldSize)
            .Select(rank => all[Buckets.LayersOf(bucket)].Where(layer => Owners[layer] == rank).ToArray()).ToArray())];
    }

    /// <summary>N, the number of ranks.</summary>
    public int WorldSize { get; }

    /// <summary>The rank that owns each layer.</summary>
    public IReadOnlyList<int> Owners { get; }

    /// <summary>The layers that travel together.</summary>
    public GradientBuckets Buckets { get; }

    /// <summary>The shards that a rank computes.</summary>
    public Range ShardsOf(int rank) => ShardPlan.ShardsOf(rank, WorldSize, _shards);

    /// <summary>The layers that a rank owns, by index.</summary>
    public IEnumerable<int> LayersOf(int rank) => Enumerable.Range(0, Owners.Count).Where(layer => Owners[layer] == rank);

    /// <summary>Those of them in a bucket.</summary>
    public IReadOnlyList<int> LayersOf(int bucket, int rank) => _layers[bucket][rank];

    /// <summary>Whether a bucket's sums are sent to a rank. The first bucket goes to the leading rank too: the terms of the loss are in it.</summary>
    public bool IsSummedBy(int rank, int bucket) => _layers[bucket][rank].Length > 0 || (bucket == 0 && rank == RankChannel.LeadingRank);

    /// <summary>Whether a rank sends prepared layers of a bucket to all. The leading rank does so for the last bucket: whether the run is to stop is in it.</summary>
    public bool IsPreparedBy(int rank, int bucket) => _layers[bucket][rank].Length > 0 || (IsLast(bucket) && rank == RankChannel.LeadingRank);

    /// <summary>Whether a bucket is the last that a backward pass is done with.</summary>
    public bool IsLast(int bucket) => bucket == Buckets.Count - 1;
}
