namespace Lcnn.Distributed.Cli.Services;

/// <summary>Computes the time of training steps over links that this machine does not have.</summary>
internal interface INetworkBenchmark
{
    NetworkBenchmarkReport Simulate(NetworkBenchmarkRequest request, CancellationToken cancellationToken);
}

/// <summary>A step of a network for each number of workers.</summary>
/// <param name="Shards">V; null for one a worker, and the next power of two.</param>
/// <param name="Image">Channels, height and width.</param>
/// <param name="GigabitsPerSecond">Of the link of a silo, each way.</param>
/// <param name="ForwardMilliseconds">Of a worker's passes before the last.</param>
/// <param name="BackwardMilliseconds">Of its last pass.</param>
/// <param name="OwnerMilliseconds">Of the owners' work on all layers.</param>
internal sealed record NetworkBenchmarkRequest(
    IReadOnlyList<int> Workers, int WorkersPerSilo, int? Shards, string Architecture, IReadOnlyList<int> Image, double BucketMegabytes,
    double GigabitsPerSecond, double RoundTripMilliseconds, double ForwardMilliseconds, double BackwardMilliseconds, double OwnerMilliseconds);

/// <summary>Milliseconds by number of workers.</summary>
internal sealed record NetworkBenchmarkReport(IReadOnlyList<NetworkBenchmarkRow> Rows) : Report
{
    protected override string Kind => "bench";
}

/// <summary>One number of workers: a step with the engine's exchange, with a ring all-reduce, and its computation alone; what travels in one step.</summary>
internal sealed record NetworkBenchmarkRow(int Workers, double Milliseconds, double RingMilliseconds, double AloneMilliseconds, double BusiestLinkMegabytes, long Parcels);
