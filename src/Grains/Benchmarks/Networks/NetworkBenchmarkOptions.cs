namespace Lcnn.Distributed.Grains.Benchmarks.Networks;

/// <summary>A cluster and a training step, as far as the time of a step depends on them.</summary>
public sealed record NetworkBenchmarkOptions
{
    /// <summary>Network that is trained.</summary>
    public required string Architecture { get; init; }

    /// <summary>Channels, height and width of a sample.</summary>
    public required IReadOnlyList<int> Image { get; init; }

    /// <summary>Classes of the data set.</summary>
    public required int Classes { get; init; }

    /// <summary>V, the number of logical shards; null for one a worker, and the next power of two.</summary>
    public int? Shards { get; init; }

    /// <summary>Size at which a bucket of gradients is full.</summary>
    public required long BucketBytes { get; init; }

    /// <summary>Workers of one process, which share its link.</summary>
    public required int WorkersPerProcess { get; init; }

    /// <summary>What a process's link carries each way at the same time, as payload.</summary>
    public required double BytesPerSecond { get; init; }

    /// <summary>Time there and back between any two processes.</summary>
    public required TimeSpan RoundTrip { get; init; }

    /// <summary>All passes of a worker's step before the one that makes gradients.</summary>
    public required TimeSpan Forward { get; init; }

    /// <summary>The pass that makes gradients, bucket after bucket.</summary>
    public required TimeSpan Backward { get; init; }

    /// <summary>What all owners' work of a step takes, the layers of all owners one after the other.</summary>
    public required TimeSpan Owner { get; init; }
}
