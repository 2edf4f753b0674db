using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Grains.Collectives.Links;
using Lcnn.Distributed.UnitTests.Schedules.Engine;
using Lcnn.Distributed.UnitTests.Schedules.StandIns;

namespace Lcnn.Distributed.UnitTests.Schedules.Scenarios;

/// <summary>Ranks fill a small box; connections that break empty it, then perhaps the relay; the other side counts what reaches it.</summary>
internal static class OutboxScenario
{
    public static void Run(Schedule schedule)
    {
        var choices = schedule.Choices;
        var (ranks, parcels) = (1 + choices.Below(2), 1 + choices.Below(3));
        var state = new State(schedule, new Outbox(CountedParcel.Bytes * (1 + choices.Below(2))))
        {
            FaultsLeft = choices.Below(4),
            EndsByGrain = choices.OneIn(3),
            TheirParcels = choices.Below(3),
        };
        var account = new SentBytes();
        using var leaving = new CancellationTokenSource();
        var added = 0;

        var senders = Enumerable.Range(0, ranks).Select(rank => schedule.Go(() =>
        {
            for (var number = 0; number < parcels; number++)
            {
                using var parcel = state.Count.Create(number);
                try
                {
                    state.Outbox.Add(rank, 9, new ParcelKey(ParcelKind.Scores, number), parcel, account, leaving.Token);
                    added++;
                }
                catch (OperationCanceledException)
                {
                    schedule.Check(leaving.IsCancellationRequested, "a sender was cancelled, and was not");
                }
                catch (PeerUnreachableException)
                {
                    schedule.Check(state.IsDropped, "a sender is told that nothing arrives, and all does");
                }
            }
        })).ToList();
        var trouble = choices.Below(8);
        var reader = schedule.Go(() => ReadAll(state));
        var troublemaker = schedule.Go(() =>
        {
            if (trouble == 0)
            {
                leaving.Cancel();
            }
            else if (trouble == 1)
            {
                state.IsDropped = true;
                state.Stop.Cancel();
                state.Outbox.Drop(choices.OneIn(2) ? rank => new PeerUnreachableException(rank, "", "gone") : null);
            }
        });

        schedule.Finish("senders", [.. senders, troublemaker]);
        var arrivedHere = state.ArrivedHere;
        state.Outbox.Close();
        schedule.Finish("reader", reader);
        var sums = account.ByTransport;
        schedule.Check(state.Count.Held == 0, $"{state.Count.Held} parcels were not given back");
        schedule.Check((state.Outbox.UnacknowledgedBytes, state.Outbox.UnacknowledgedCount) == (0, 0), "a closed box is not empty");
        if (!state.IsDropped)
        {
            schedule.Check(state.Arrived.Count == added, $"{added} parcels were added, {state.Arrived.Count} arrived");
            schedule.Check(sums.GetValueOrDefault("stream") + sums.GetValueOrDefault("grain") == added * CountedParcel.Bytes, "the accounts do not add up");
            schedule.Check(state.IsByGrain || state.ToldThere >= arrivedHere, $"{arrivedHere} parcels have arrived, the other side was told of {state.ToldThere}");
            foreach (var rank in state.Arrived.GroupBy(parcel => parcel.Rank))
            {
                schedule.Check(rank.Select(parcel => parcel.Step).SequenceEqual(rank.Select(parcel => parcel.Step).Order()), "parcels of a rank came out of order");
            }

            schedule.Check(state.Arrived.Distinct().Count() == added, "a parcel arrived twice");
        }
    }

    private static void ReadAll(State state)
    {
        while (true)
        {
            var connection = new Connection(state);
            if (connection.Run() is OutboxWork.Done || state.Stop.IsCancellationRequested)
            {
                return;
            }

            if (state.EndsByGrain && state.FaultsLeft == 0)
            {
                state.IsByGrain = true;
                state.Outbox.Acknowledge(state.LastThere);
                state.Outbox.ResumeByGrain();
            }
            else
            {
                state.Outbox.Resume(state.LastThere);
            }
        }
    }

    private sealed class State(Schedule schedule, Outbox outbox)
    {
        public Schedule Schedule => schedule;

        public Outbox Outbox => outbox;

        public ParcelCount Count { get; } = new(schedule);

        public CancellationTokenSource Stop { get; } = new();

        public List<(int Rank, long Step)> Arrived { get; } = [];

        public int FaultsLeft { get; set; }

        public bool EndsByGrain { get; init; }

        public bool IsByGrain { get; set; }

        public bool IsDropped { get; set; }

        public int TheirParcels { get; init; }

        public long ArrivedHere { get; set; }

        public long ToldThere { get; set; }

        public long LastThere { get; set; }

        public bool Breaks()
        {
            if (FaultsLeft == 0 || !schedule.Choices.OneIn(4))
            {
                return false;
            }

            FaultsLeft--;
            return true;
        }
    }

    /// <summary>As a stream's two threads use the box, or the relay's one.</summary>
    private sealed class Connection(State state)
    {
        private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(state.Stop.Token);
        private bool _hasEnded;

        public OutboxWork Run()
        {
            using var wake = new RegistrationStandIn(_stop.Token, static box => ((Outbox)box!).Wake(), state.Outbox);
            var reading = state.IsByGrain ? Task.CompletedTask : state.Schedule.Go(Read);
            var end = Write();
            _hasEnded = true;
            state.Schedule.Finish("the connection's other thread", reading);
            return end;
        }

        private OutboxWork Write()
        {
            while (true)
            {
                var work = state.Outbox.WaitNext(_stop.Token, out var parcel, out var arrived);
                switch (work)
                {
                    case OutboxWork.Send:
                        var isLost = !Send(parcel!);
                        state.Outbox.Release(parcel!);
                        if (isLost)
                        {
                            _stop.Cancel();
                            return OutboxWork.Stop;
                        }

                        break;
                    case OutboxWork.Acknowledge when state.Breaks():
                        _stop.Cancel();
                        return OutboxWork.Stop;
                    case OutboxWork.Acknowledge:
                        state.ToldThere = arrived;
                        break;
                    default:
                        return work;
                }
            }
        }

        private bool Send(OutgoingParcel parcel)
        {
            if (!state.IsByGrain && state.Breaks())
            {
                return false;
            }

            Schedule.Point("wire");
            state.Schedule.Check(parcel.Parcel is not null, "a parcel is sent that was given back");
            state.Schedule.Check(parcel.Sequence <= state.LastThere + 1, $"parcel {parcel.Sequence} came after {state.LastThere}");
            if (parcel.Sequence > state.LastThere)
            {
                state.LastThere = parcel.Sequence;
                state.Arrived.Add((parcel.FromRank, parcel.Key.Step));
            }

            if (state.IsByGrain)
            {
                state.Outbox.Acknowledge(parcel.Sequence);
            }

            return true;
        }

        // Acknowledgements come late, some together; the other side's own parcels come between them.
        private void Read()
        {
            var told = 0L;
            while (!_stop.IsCancellationRequested && !_hasEnded)
            {
                if (state.ArrivedHere < state.TheirParcels && state.Schedule.Choices.OneIn(2))
                {
                    state.Outbox.NoteArrived(state.ArrivedHere + 1);
                    state.ArrivedHere++;
                }

                if (state.LastThere > told && (state.Schedule.Choices.OneIn(2) || state.ArrivedHere == state.TheirParcels))
                {
                    told = state.LastThere;
                    state.Outbox.Acknowledge(told);
                }

                state.Schedule.Await("something to read", () =>
                    _hasEnded || _stop.IsCancellationRequested || state.LastThere > told || state.ArrivedHere < state.TheirParcels);
            }
        }
    }
}
