using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Grains.Placement;
using Lcnn.Distributed.UnitTests.Schedules.Engine;

namespace Lcnn.Distributed.UnitTests.Schedules.Scenarios;

/// <summary>Two runs go through generations on one silo; workers come late, leave late, are cancelled, and are told to leave while they wait.</summary>
internal static class SlotScenario
{
    private const string Silo = "s";
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(60);

    public static void Run(Schedule schedule)
    {
        var choices = schedule.Choices;
        var state = new State(schedule, new SlotLedger(Silo, new PlacementOptions { Slots = 2, Devices = "cpu", ReservationTimeout = _timeout }, schedule.Clock));
        var runs = Enumerable.Range(0, 1 + choices.Below(2)).Select(run => schedule.Go(() => DriveAsync(state, $"run-{run}"), new Turns())).ToList();
        schedule.Finish("runs", runs);
        schedule.Finish("workers", state.Workers);
        schedule.Finish("freed slots", schedule.Go(state.Ledger.WhenFreed));
        schedule.Check(state.Ledger.Report().All(slot => !slot.IsLeaving), "a slot is said to be left that nobody holds");

        // Whatever became of reservations, they lapse: nothing keeps a slot that nobody holds.
        schedule.Finish("time", schedule.Go(() => Task.Delay(_timeout * 2, schedule.Clock)));
        schedule.Check(state.Ledger.Reserve([new("later", 1, 0), new("later", 1, 1)]) is not null, "slots are free, and cannot be had");
    }

    private static async Task DriveAsync(State state, string run)
    {
        var choices = state.Schedule.Choices;
        var last = 1 + choices.Below(3);
        for (var generation = 1; generation <= last; generation++)
        {
            SlotHolder[] holders = [.. Enumerable.Range(0, 1 + choices.Below(2)).Select(rank => new SlotHolder(run, generation, rank))];
            IReadOnlyList<DeviceSlot>? slots = null;
            Reserved reserved = default;
            for (var attempt = 0; attempt < 4 && slots is null; attempt++)
            {
                reserved = state.Reserving(run, generation);
                slots = state.Ledger.Reserve(holders);
                await Task.Yield();
            }

            if (slots is null)
            {
                continue;
            }

            state.Newest[run] = generation;
            foreach (var (slot, holder) in slots.Zip(holders))
            {
                if (!choices.OneIn(6))
                {
                    state.Workers.Add(state.Schedule.Go(() => WorkAsync(state, slot, holder, reserved), new Turns()));
                }
            }

            if (choices.OneIn(4))
            {
                await Task.Yield();
                await ReserveAgainAsync(state, holders[0]);
            }

            if (choices.OneIn(3))
            {
                await Task.Yield();
                state.Release(run, generation);
            }

            if (choices.OneIn(8))
            {
                await Task.Delay(_timeout, state.Schedule.Clock);
            }

            if (choices.OneIn(3))
            {
                await Task.WhenAll(state.Workers);
            }
        }

        state.Release(run, last);
    }

    // As after a grant of which a part was lost: the worker comes once more while it may still wait from before.
    private static async Task ReserveAgainAsync(State state, SlotHolder holder)
    {
        state.Release(holder.RunId, holder.Generation);
        await Task.Yield();
        var reserved = state.Reserving(holder.RunId, holder.Generation);
        if (state.Ledger.Reserve([holder]) is [var slot])
        {
            state.Workers.Add(state.Schedule.Go(() => WorkAsync(state, slot, holder, reserved), new Turns()));
        }
    }

    private static async Task WorkAsync(State state, DeviceSlot slot, SlotHolder holder, Reserved reserved)
    {
        var choices = state.Schedule.Choices;
        var leaving = new CancellationTokenSource();
        if (choices.OneIn(6))
        {
            state.Workers.Add(state.Schedule.Go(leaving.Cancel));
        }

        var newest = state.Newest.GetValueOrDefault(holder.RunId);
        var call = new Call(holder);
        state.Calls.Add(call);
        SlotLease lease;
        try
        {
            var taking = state.Ledger.TakeAsync(slot, holder, leaving.Token);
            call.WaitsSince = state.NextMoment();
            lease = await taking;
        }
        catch (OperationCanceledException)
        {
            return;
        }
        catch (SlotRefusedException exception)
        {
            state.Schedule.Check(
                state.Asked[holder.RunId] > holder.Generation
                || state.Calls.Exists(other => other != call && other.Holder == holder && other.WaitsSince > reserved.Moment)
                || state.ReleaseCount(holder.RunId, holder.Generation) > reserved.ReleaseCount
                || state.Schedule.Clock.Now >= reserved.At + _timeout,
                $"{holder} is refused what is kept for it: {exception.Message}");
            return;
        }

        state.Schedule.Check(holder.Generation >= newest, $"{holder} was given a slot, generation {newest} had reserved before");
        state.Schedule.Check(lease.Holder == holder && lease.Slot == slot, "a lease of another");
        state.Schedule.Check(state.Holders.TryAdd(slot.Index, holder), $"{holder} was given slot {slot.Index}, which {state.Holders[slot.Index]} holds");
        var hangs = choices.OneIn(4);
        for (var i = choices.Below(8); i > 0 && (hangs || !lease.Evicted.IsCancellationRequested); i--)
        {
            await Task.Yield();
        }

        state.Holders.Remove(slot.Index);
        lease.Dispose();
        if (choices.OneIn(4))
        {
            lease.Dispose();
        }
    }

    private sealed record State(Schedule Schedule, SlotLedger Ledger)
    {
        private readonly Dictionary<(string RunId, int Generation), int> _releases = [];
        private int _moment;

        public List<Task> Workers { get; } = [];

        /// <summary>By run, the last generation that has begun to reserve.</summary>
        public Dictionary<string, int> Asked { get; } = [];

        /// <summary>By run, the last generation that has reserved.</summary>
        public Dictionary<string, int> Newest { get; } = [];

        /// <summary>By slot.</summary>
        public Dictionary<int, SlotHolder> Holders { get; } = [];

        /// <summary>Who has come for a slot.</summary>
        public List<Call> Calls { get; } = [];

        public int NextMoment() => ++_moment;

        public int ReleaseCount(string runId, int generation) => _releases.GetValueOrDefault((runId, generation));

        public Reserved Reserving(string runId, int generation)
        {
            Asked[runId] = generation;
            return new Reserved(NextMoment(), Schedule.Clock.Now, ReleaseCount(runId, generation));
        }

        public void Release(string runId, int generation)
        {
            _releases[(runId, generation)] = ReleaseCount(runId, generation) + 1;
            Ledger.Release(runId, generation);
        }

    }

    private sealed class Call(SlotHolder holder)
    {
        public SlotHolder Holder => holder;

        /// <summary>No earlier than the ledger has looked at it first.</summary>
        public int WaitsSince { get; set; } = int.MaxValue;
    }

    /// <param name="Moment">Before it was made.</param>
    /// <param name="At">No later than it was made.</param>
    /// <param name="ReleaseCount">How often the generation had been released before.</param>
    private readonly record struct Reserved(int Moment, TimeSpan At, int ReleaseCount);
}
