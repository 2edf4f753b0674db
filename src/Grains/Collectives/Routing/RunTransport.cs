using System.Collections.Concurrent;
using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Grains.Collectives.Links;
using Lcnn.Distributed.Grains.Collectives.Relays;
using Lcnn.Distributed.Grains.Collectives.Streams;
using Lcnn.Distributed.Grains.Collectives.Wire;

namespace Lcnn.Distributed.Grains.Collectives.Routing;

/// <summary>One generation of a run as this process sees it: mailboxes of its own ranks, ways to all others.</summary>
internal sealed class RunTransport : ITransport, IDialledRun
{
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<Guid, Inbound> _inbound = new();
    private readonly ConcurrentDictionary<Guid, RelayReceiver> _relayed = new();
    private readonly HashSet<int> _open = [];
    private readonly HashSet<Guid> _relaying = []; // heard of before the routes were known
    private readonly Lock _gate = new();
    private readonly TransportServices _services;
    private readonly Mailboxes _mailboxes;
    private volatile RunRoutes? _routes;

    public RunTransport(string runId, int generation, Guid local, TransportServices services)
    {
        _services = services;
        Run = new LinkedRun(runId, generation, local, new ReceiveBudget(services.Options.MaxWaitingBytes));
        _mailboxes = new Mailboxes(Run.Budget);
    }

    /// <summary>What is transported for.</summary>
    public LinkedRun Run { get; }

    /// <summary>Whether all ranks of this process have left.</summary>
    public bool IsClosing { get; private set; }

    /// <inheritdoc/>
    public byte[] Token { get; private set; } = [];

    /// <summary>A rank of this process joins.</summary>
    public Mailbox Open(int rank)
    {
        lock (_gate)
        {
            _open.Add(rank);
            return _mailboxes.MailboxOf(rank);
        }
    }

    /// <summary>A rank of this process begins; the first one connects for all.</summary>
    public void Connect(int rank, string transport, WorkerPeers peers, Func<int, IParcelRelay> relayOf)
    {
        lock (_gate)
        {
            if (_routes is null)
            {
                var plans = LinkPlanner.Plan(Run.Local, rank, transport, peers);
                Token = peers.Token;
                var routes = new RunRoutes(peers, [.. plans.Select(plan => new PeerLink(this, InboundOf(plan), plan, _services, to => relayOf(RankAt(plan.Process, to))))], LinkPlanner.SharesMemory(transport));
                _routes = routes;
                foreach (var link in routes.Links)
                {
                    link.Start();
                }

                foreach (var process in _relaying)
                {
                    routes.LinkOf(process)?.FollowToGrain();
                }

                _connected.TrySetResult();
            }
        }
    }

    /// <inheritdoc/>
    public void Send(int fromRank, int toRank, ParcelKey key, Parcel parcel, CancellationToken cancellationToken)
    {
        var link = _routes!.LinkTo(fromRank, toRank);
        if (link is null)
        {
            _mailboxes.Send(fromRank, toRank, key, parcel, cancellationToken);
        }
        else
        {
            link.Outbox.Add(fromRank, toRank, key, parcel, _mailboxes.SentBy(fromRank), cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Broadcast(int fromRank, int worldSize, ParcelKey key, Parcel parcel, CancellationToken cancellationToken)
    {
        var routes = _routes!;
        for (var to = 0; to < worldSize; to++)
        {
            // A process's connection to itself brings each rank its own: the sender has its parcel already.
            var link = routes.LinkTo(fromRank, to);
            if (link is null || link.Process == Run.Local)
            {
                Send(fromRank, to, key, parcel, cancellationToken);
            }
            else if (routes.FirstRankOf(link.Process) == to)
            {
                link.Outbox.Add(fromRank, FrameHeader.EveryRank, key, parcel, _mailboxes.SentBy(fromRank), cancellationToken);
            }
        }
    }

    /// <inheritdoc/>
    public int SpeakerOf(int rank) => _routes!.SpeakerOf(rank);

    /// <inheritdoc/>
    public SharedSums Shared => _mailboxes.Shared;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, long> BytesSent(int fromRank) => _mailboxes.BytesSent(fromRank);

    /// <summary>A rank of this process leaves.</summary>
    /// <returns>Whether it was the last one.</returns>
    public bool Close(int rank)
    {
        lock (_gate)
        {
            _mailboxes.MailboxOf(rank).Close();
            var wasLast = _open.Remove(rank) && _open.Count == 0;
            IsClosing |= wasLast;
            return wasLast;
        }
    }

    /// <summary>Ends all connections once what is owed is sent.</summary>
    public async Task CloseAsync()
    {
        _connected.TrySetResult();
        await Task.WhenAll(_routes?.Links.Select(link => link.DisposeAsync().AsTask()) ?? []);
        foreach (var relayed in _relayed.Values)
        {
            relayed.Close();
        }

        foreach (var mailbox in _mailboxes.All)
        {
            mailbox.Close();
        }

        _mailboxes.Shared.Dispose();
    }

    /// <summary>What both ends of a stream must agree on.</summary>
    public HandshakeParty PartyWith(Guid process, bool dials) =>
        dials ? new HandshakeParty(Run.RunId, Run.Generation, Run.Local, process) : new HandshakeParty(Run.RunId, Run.Generation, process, Run.Local);

    /// <inheritdoc/>
    public IDialledLink WaitForLink(HandshakeParty party, CancellationToken cancellationToken)
    {
        _connected.Task.Wait(cancellationToken);
        return (party.Dialled == Run.Local ? _routes?.DialledLink(party.Dialler) : null)
            ?? throw new RejectedException(RejectReason.WrongProcess, $"process {party.Dialler} has no stream to {party.Dialled} here");
    }

    /// <summary>A block came through a grain.</summary>
    public void Receive(Guid fromProcess, in FrameHeader header, ReadOnlySpan<byte> piece)
    {
        FollowToGrain(fromProcess);
        if (header.Type == FrameType.Acknowledgement)
        {
            return; // it only says that the other side uses grains now
        }

        _relayed.GetOrAdd(fromProcess, process => new RelayReceiver(InboundOf(process), (in FrameHeader header) => CheckRanks(process, header), _services)).Receive(header, piece);
    }

    /// <summary>Checks that a parcel goes from a rank of a process to a rank here.</summary>
    /// <exception cref="RejectedException">It does not.</exception>
    public void CheckRanks(Guid fromProcess, in FrameHeader header)
    {
        // A gradient has one holder at a time; all else may be shared.
        var isForAll = header.ToRank == FrameHeader.EveryRank && header.Key.Kind != ParcelKind.Gradients;
        if (_routes is { } routes && !(routes.IsAt(header.FromRank, fromProcess) && (isForAll || routes.IsAt(header.ToRank, Run.Local))))
        {
            throw new RejectedException(RejectReason.Rank, $"a parcel from rank {header.FromRank} to rank {header.ToRank}");
        }
    }

    /// <summary>Any rank of a process, for what concerns them all.</summary>
    public int FirstRankOf(Guid process) => _routes!.FirstRankOf(process);

    /// <summary>The rank that a parcel to a process is for, any for one to all.</summary>
    public int RankAt(Guid process, int toRank) => toRank == FrameHeader.EveryRank ? FirstRankOf(process) : toRank;

    /// <summary>Tells whoever waits for the ranks of a process that nothing comes from there any more.</summary>
    public void FailRanksOf(Guid process, Exception reason)
    {
        foreach (var (rank, address) in _routes?.RanksOf(process) ?? [])
        {
            var unreachable = new PeerUnreachableException(rank, address.StreamEndpoint, reason.Message, reason);
            foreach (var mailbox in _mailboxes.All)
            {
                mailbox.Fail(unreachable);
            }
        }
    }

    private void FollowToGrain(Guid process)
    {
        lock (_gate)
        {
            if (_routes is null)
            {
                _relaying.Add(process);
                return;
            }
        }

        _routes.LinkOf(process)?.FollowToGrain();
    }

    // A stream of the process to itself has both its ends here, and each counts what arrives at it.
    private Inbound InboundOf(LinkPlan plan) =>
        plan.Process == Run.Local && plan.Dials ? new Inbound(_mailboxes, _services.Counters) : InboundOf(plan.Process);

    private Inbound InboundOf(Guid process) => _inbound.GetOrAdd(process, _ => new Inbound(_mailboxes, _services.Counters));
}
