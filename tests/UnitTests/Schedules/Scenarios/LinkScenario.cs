using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Grains.Collectives.Routing;
using Lcnn.Distributed.Grains.Collectives.Wire;
using Lcnn.Distributed.UnitTests.Grains.Collectives;
using Lcnn.Distributed.UnitTests.Schedules.Engine;
using Microsoft.Extensions.Options;

namespace Lcnn.Distributed.UnitTests.Schedules.Scenarios;

/// <summary>Ranks of two processes exchange parcels over links whose connections are refused and break, and whose grain calls fail, come late and twice.</summary>
/// <remarks>
/// All of the transports is real, from the hubs down to frames and handshakes; the network below and the grains are not. One in four schedules has a
/// relay that does not work: then ranks may fail, and the others are told to leave as the coordinator would tell them, but nothing may hang.
/// </remarks>
internal static class LinkScenario
{
    private const string RunId = "r";

    private static readonly TimeSpan _stall = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan _drain = TimeSpan.FromHours(1);

    // What only a fault of this program leads to: no network and no late answer does.
    private static readonly RejectReason[] _ownFaults =
    [
        RejectReason.Sequence, RejectReason.Content, RejectReason.Offset, RejectReason.Length, RejectReason.Acknowledgement, RejectReason.Rank,
        RejectReason.PayloadChecksum, RejectReason.Proof, RejectReason.FrameType, RejectReason.Kind, RejectReason.WrongProcess,
    ];

    public static void Run(Schedule schedule, string transport)
    {
        var choices = schedule.Choices;
        var relayWorks = !choices.OneIn(4);
        schedule.Network.FaultsLeft = choices.OneIn(5) ? int.MaxValue : choices.Below(5);
        schedule.Network.Capacity = 64 << choices.Below(6);
        var options = new TransportOptions
        {
            MaxUnacknowledgedBytes = 16 << choices.Below(3),
            MaxWaitingBytes = 16 << choices.Below(3),
            MaxDials = 2,
            DialTime = TimeSpan.FromSeconds(choices.Below(2)),
            DialledTimeout = TimeSpan.FromSeconds(30),
            DrainTimeout = _drain,
            MaxRelayCalls = 3,
        };
        TransportHub[] hubs = [.. Enumerable.Range(0, 2).Select(_ => new TransportHub(Options.Create(options), schedule.Clock, new TraceLogger<TransportHub>(schedule)))];
        var world = choices.OneIn(4) ? 3 : 2;
        PeerAddress[] addresses = [.. Enumerable.Range(0, world).Select(rank => hubs[rank % 2].Local)];
        var grains = new ChosenRelay(schedule, hubs, relayWorks ? choices.Below(3) : int.MaxValue);
        var budgets = new HashSet<ReceiveBudget>();
        for (var generation = 1; generation <= (choices.OneIn(4) ? 2 : 1); generation++)
        {
            var leaving = new CancellationTokenSource();
            var membership = new Membership(generation, transport, new WorkerPeers([1, 2, 3], addresses), grains, 1 + choices.Below(3), leaving.Token);
            var isCancelled = choices.OneIn(6);
            Mailbox[] mailboxes = [.. Enumerable.Range(0, world).Select(rank => hubs[rank % 2].Open(RunId, generation, rank))];
            var ranks = Enumerable.Range(0, world).Select(rank => schedule.Go(() =>
            {
                try
                {
                    budgets.Add(Work(schedule, hubs[rank % 2], membership, rank, mailboxes[rank]));
                }
                catch (Exception exception) when (exception is PeerUnreachableException or OperationCanceledException)
                {
                    schedule.Tell($"rank {rank} failed: {exception.Message}");
                    schedule.Check(transport == TransportNames.Stream || !relayWorks || isCancelled, $"rank {rank} failed though grains reach all: {exception.Message}");
                    leaving.Cancel();
                }

                hubs[rank % 2].Close(RunId, generation, rank);
            })).ToList();
            using var ended = new CancellationTokenSource();
            var stall = schedule.Go(() => LookForStallAsync(schedule, transport == TransportNames.Stream || !relayWorks || isCancelled, leaving, ended.Token));
            if (isCancelled)
            {
                ranks.Add(schedule.Go(leaving.Cancel));
            }

            schedule.Finish("ranks", ranks);
            ended.Cancel();
            schedule.Finish("the coordinator", stall);
        }

        if (!choices.OneIn(4))
        {
            schedule.Settle("links that end");
            schedule.Check(!grains.RepeatLast(), "a block of an earlier generation was taken");
        }

        Array.ForEach(hubs, hub => hub.Dispose());
        schedule.Settle("processes that end");
        schedule.Check(schedule.Clock.Now < _drain, "what is owed was not sent, and only the end of patience ended the link");
        schedule.Check(budgets.All(budget => budget.Held == 0), "bytes are left in a budget");
        foreach (var hub in hubs)
        {
            foreach (var reason in _ownFaults)
            {
                schedule.Check(hub.Counters.Rejected(reason) == 0, $"something was turned away for {reason}");
            }
        }
    }

    private static ReceiveBudget Work(Schedule schedule, TransportHub hub, Membership membership, int rank, Mailbox mailbox)
    {
        var (choices, others) = (schedule.Choices, Enumerable.Range(0, membership.Peers.ByRank.Count).Where(other => other != rank).ToArray());
        var way = hub.Connect(RunId, membership.Generation, rank, membership.Transport, membership.Peers, to => new FakeRelay(block => membership.Grains.DeliverAsync(to, block)));
        var isAhead = choices.OneIn(2);
        for (var step = 0; step < membership.Steps; step++)
        {
            Send(step);
            if (!isAhead)
            {
                Take(step);
            }
        }

        for (var step = 0; step < (isAhead ? membership.Steps : 0); step++)
        {
            Take(step);
        }

        return ((RunTransport)way).Run.Budget;

        void Send(int step) => Array.ForEach(others, other => way.Send(rank, other, Key(step), ParcelOf(membership.Generation, rank, step), membership.Leaving));

        void Take(int step) => Array.ForEach(others, other =>
        {
            using var parcel = mailbox.Take<StateParcel>(other, Key(step), membership.Leaving);
            schedule.Check(
                parcel.Model[0].Values<int>() is [var generation, var from, var sent] && (generation, from, sent) == (membership.Generation, other, step),
                $"rank {rank} took another parcel than that of step {step} of rank {other}");
        });
    }

    // A rank may have left and be unable to send what it still owes: that is the coordinator's to notice.
    private static async Task LookForStallAsync(Schedule schedule, bool mayStall, CancellationTokenSource leaving, CancellationToken ended)
    {
        await Task.Delay(_stall, schedule.Clock, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (!ended.IsCancellationRequested)
        {
            schedule.Check(mayStall, "ranks wait for each other though all can be reached");
            leaving.Cancel();
        }
    }

    private static ParcelKey Key(int step) => new(ParcelKind.State, step);

    private static StateParcel ParcelOf(int generation, int rank, int step) => new([SafeTensor.Create<int>("t", [generation, rank, step], 3)], []);

    private sealed record Membership(int Generation, string Transport, WorkerPeers Peers, ChosenRelay Grains, int Steps, CancellationToken Leaving);
}
