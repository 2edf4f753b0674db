using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Grains.Collectives.Links;
using Lcnn.Distributed.Grains.Collectives.Routing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Lcnn.Distributed.UnitTests.Grains.Collectives;

/// <summary>Several processes' transports in this one, with the ranks of one run spread over them.</summary>
internal sealed class Processes : IDisposable
{
    public const string RunId = "run-1";

    private readonly List<TransportHub> _hubs;
    private readonly int _ranksEach;

    public Processes(int count, int ranksEach = 1, TransportOptions? options = null, TimeProvider? clock = null, IStreamSecurity? security = null)
    {
        _ranksEach = ranksEach;
        _hubs = [.. Enumerable.Range(0, count).Select(_ => new TransportHub(
            Options.Create(options ?? new TransportOptions()), clock ?? TimeProvider.System, NullLogger<TransportHub>.Instance, security))];
        Addresses = [.. Enumerable.Range(0, count * ranksEach).Select(rank => HubOf(rank).Local)];
        Relay = (rank, block) =>
        {
            HubOf(rank).Receive((byte[])block.Clone()); // as a call through Orleans would
            return Task.CompletedTask;
        };
    }

    public byte[] Token { get; set; } = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    /// <summary>Where each rank is said to be; a test may put something in between.</summary>
    public PeerAddress[] Addresses { get; }

    /// <summary>What a grain call does.</summary>
    public Func<int, byte[], Task> Relay { get; set; }

    public int WorldSize => Addresses.Length;

    public TransportHub HubOf(int rank) => _hubs[rank / _ranksEach];

    public Mailbox Open(int rank, int generation = 1) => HubOf(rank).Open(RunId, generation, rank);

    public RankChannel Begin(int rank, string transport, int generation = 1, CancellationToken cancellationToken = default)
    {
        var mailbox = Open(rank, generation);
        var connected = HubOf(rank).Connect(
            RunId, generation, rank, transport, new WorkerPeers(Token, Addresses), to => new FakeRelay(block => Relay(to, block)));
        return new RankChannel(rank, WorldSize, connected, mailbox, new RankActivity(), cancellationToken);
    }

    /// <summary>All ranks, joined and begun.</summary>
    public RankChannel[] BeginAll(string transport, int generation = 1)
    {
        for (var rank = 0; rank < WorldSize; rank++)
        {
            Open(rank, generation);
        }

        return [.. Enumerable.Range(0, WorldSize).Select(rank => Begin(rank, transport, generation, TestContext.Current.CancellationToken))];
    }

    public void Dispose() => _hubs.ForEach(hub => hub.Dispose());
}
