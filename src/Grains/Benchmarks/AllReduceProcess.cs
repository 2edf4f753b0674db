using System.Diagnostics;
using System.Security.Cryptography;
using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Grains.Collectives.Relays;
using Lcnn.Distributed.Grains.Collectives.Routing;
using Lcnn.Distributed.Model.Benchmarks;
using Lcnn.Distributed.Model.Evaluation;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Training;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Lcnn.Distributed.Grains.Benchmarks;

/// <summary>All-reduces as training makes them: buckets to their owners, who add in rank order, and the sums to all.</summary>
public sealed class AllReduceProcess : IDisposable
{
    private const string RunId = "bench";
    private const int Generation = 1;
    private const int WarmUps = 10;

    private readonly TransportHub _hub;
    private readonly bool _ownsHub;

    /// <summary>With transports of its own.</summary>
    public AllReduceProcess(ILoggerFactory logging)
    {
        _hub = new TransportHub(Options.Create(new TransportOptions()), TimeProvider.System, logging.CreateLogger<TransportHub>());
        _ownsHub = true;
    }

    /// <summary>With those of a silo, whose grains take blocks.</summary>
    public AllReduceProcess(IServiceProvider silo) => _hub = silo.GetRequiredService<TransportHub>();

    /// <summary>Where other processes find this one's ranks.</summary>
    public PeerAddress Address => _hub.Local;

    /// <summary>A fresh secret of 32 bytes for the streams of one benchmark.</summary>
    public static byte[] NewToken() => RandomNumberGenerator.GetBytes(32);

    /// <summary>The grain on a silo that takes a rank's blocks.</summary>
    public static IParcelRelay RelayOf(IGrainFactory grains, int rank, SiloAddress silo) =>
        grains.GetGrain<IParcelRelay>(GrainKeys.Worker(RunId, Generation, rank, silo.ToParsableString()));

    public void Join(int rank) => _hub.Open(RunId, Generation, rank);

    /// <summary>Makes a rank's grain come to life in the silo of the call.</summary>
    public Task WakeRelayAsync(IParcelRelay relay, CancellationToken cancellationToken)
    {
        var local = Guid.Parse(_hub.Local.Process);
        return relay.DeliverAsync(RelayBlock.CreateNotice(local, local, RunId, Generation), cancellationToken);
    }

    /// <summary>A rank's part, on a thread of its own.</summary>
    public Task<IReadOnlyList<AllReduceTiming>> RunAsync(
        int rank, string transport, WorkerPeers peers, Func<int, IParcelRelay> relayOf, IReadOnlyList<double> megabytes, int rounds, CancellationToken cancellationToken)
    {
        var mailbox = _hub.Open(RunId, Generation, rank);
        var connected = _hub.Connect(RunId, Generation, rank, transport, peers, relayOf);
        var channel = new RankChannel(rank, peers.ByRank.Count, connected, mailbox, new RankActivity(), cancellationToken);
        return Task.Factory.StartNew<IReadOnlyList<AllReduceTiming>>(
            () =>
            {
                AllReducePayload.ClaimThread();
                return [.. megabytes.Select((size, index) => Measure(channel, (long)(size * 1e6 / sizeof(float)), index, rounds))];
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public void Leave(int rank) => _hub.Close(RunId, Generation, rank);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_ownsHub)
        {
            _hub.Dispose();
        }
    }

    private static AllReduceTiming Measure(RankChannel channel, long count, int index, int rounds)
    {
        using var part = AllReducePayload.Create(channel.Rank, count / channel.WorldSize);
        var times = new List<double>(rounds);
        var (allocated, isCorrect) = (0L, true);
        for (var round = 0; round < WarmUps + rounds; round++)
        {
            var key = new ParcelKey(ParcelKind.Gradients, round, index);
            var parts = Enumerable.Range(0, channel.WorldSize).Select(_ => AllReducePayload.Copy(part)).ToArray();
            Meet(channel, key);
            var before = GC.GetTotalAllocatedBytes();
            var start = Stopwatch.GetTimestamp();
            var sums = Reduce(channel, key, parts);
            var elapsed = Stopwatch.GetElapsedTime(start);
            if (round >= WarmUps)
            {
                times.Add(elapsed.TotalMilliseconds);
                allocated += GC.GetTotalAllocatedBytes() - before;
            }

            foreach (var sum in sums)
            {
                isCorrect &= AllReducePayload.IsSum(sum, channel.WorldSize);
                sum.Dispose();
            }
        }

        return new AllReduceTiming(times, allocated / rounds, isCorrect);
    }

    private static PreparedLayer[] Reduce(RankChannel channel, ParcelKey key, LayerGradient[] parts)
    {
        for (var i = 0; i < parts.Length; i++)
        {
            var owner = (channel.Rank + i) % parts.Length; // everyone begins with another, so that no owner is overrun
            channel.Send(owner, key, new GradientParcel(
                [KeyValuePair.Create(TreeNode.Leaf(channel.Rank), new SubtreeSum([KeyValuePair.Create(owner, parts[owner])], default))]));
        }

        var sum = channel.Gather<GradientParcel>(key).Select(parcel => parcel.Subtrees[0].Value.Layers[0].Value).Aggregate(LayerGradient.Combine);
        var mine = AllReducePayload.Publish(sum);
        LayerExchange.Share(channel, key with { Kind = ParcelKind.Prepared }, [KeyValuePair.Create(channel.Rank, mine)]);
        return LayerExchange.Collect(channel, key with { Kind = ParcelKind.Prepared }, channel.WorldSize).Layers;
    }

    // So that no rank's clock runs while another still prepares.
    private static void Meet(RankChannel channel, ParcelKey key)
    {
        channel.Broadcast(key with { Kind = ParcelKind.Scores }, new ScoresParcel([new BatchScore(0, 0, 1)]));
        channel.Gather<ScoresParcel>(key with { Kind = ParcelKind.Scores });
    }
}
