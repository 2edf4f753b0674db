using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Grains.Benchmarks.Networks;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>Runs the simulation of the engine's exchange.</summary>
internal sealed class NetworkBenchmarkRunner : INetworkBenchmark
{
    private const int Classes = 10;
    private const double PayloadShare = 0.95; // what the headers of Ethernet, IP and TCP leave
    private const double BytesPerMegabyte = 1e6;

    public NetworkBenchmarkReport Simulate(NetworkBenchmarkRequest request, CancellationToken cancellationToken)
    {
        var options = new NetworkBenchmarkOptions
        {
            Architecture = request.Architecture,
            Image = request.Image,
            Classes = Classes,
            Shards = request.Shards,
            BucketBytes = (long)Math.Ceiling(request.BucketMegabytes * BytesPerMegabyte),
            WorkersPerProcess = request.WorkersPerSilo,
            BytesPerSecond = request.GigabitsPerSecond * 1e9 / 8 * PayloadShare,
            RoundTrip = TimeSpan.FromMilliseconds(request.RoundTripMilliseconds),
            Forward = TimeSpan.FromMilliseconds(request.ForwardMilliseconds),
            Backward = TimeSpan.FromMilliseconds(request.BackwardMilliseconds),
            Owner = TimeSpan.FromMilliseconds(request.OwnerMilliseconds),
        };
        return new NetworkBenchmarkReport([.. request.Workers.Select(workers =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            return RowOf(NetworkBenchmark.Simulate(options, workers));
        })]);
    }

    private static NetworkBenchmarkRow RowOf(NetworkTiming timing) => new(
        timing.Workers, timing.Step.TotalMilliseconds, timing.Ring.TotalMilliseconds, timing.Alone.TotalMilliseconds,
        timing.BusiestLinkBytes / BytesPerMegabyte, timing.Messages);
}
