using System.Collections.Concurrent;
using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Grains.Placement;
using Microsoft.Extensions.Time.Testing;

namespace Lcnn.Distributed.UnitTests.Grains.Placement;

internal enum ClusterOperation
{
    Ask,
    AskAgain,
    Finish,
    LoseWorkers,
    LoseSilo,
    AddSilo,
    Wait,
}

/// <summary>Coordinators and workers that keep to the contract, on silos with real ledgers.</summary>
internal sealed class GangSimulation
{
    public const int Runs = 5;

    private static readonly TimeSpan _queueTimeout = TimeSpan.FromSeconds(15);

    private readonly FakeTimeProvider _clock = new();
    private readonly FakeSilos _silos;
    private readonly GangPlacement _placement;
    private readonly Run[] _runs;
    private readonly ConcurrentDictionary<DeviceSlot, SlotLease> _held = new();
    private readonly bool _isOfSweeps;
    private int _siloCount;

    /// <param name="slots">Slots of each silo.</param>
    /// <param name="minimums">Slots that each run needs.</param>
    /// <param name="isOfSweeps">Whether the runs are trials of two sweeps, which take turns; else the earlier ones come first.</param>
    public GangSimulation(int[] slots, int[] minimums, bool isOfSweeps)
    {
        _isOfSweeps = isOfSweeps;
        _silos = new FakeSilos(_clock);
        _placement = new GangPlacement(new GangQueue(_queueTimeout, _clock), _silos, TimeSpan.FromSeconds(0.2), _clock);
        Array.ForEach(slots, AddSilo);
        _runs = [.. minimums.Select((minimum, index) => new Run($"run{index}", minimum, isOfSweeps ? $"sweep{index % 2}" : null))];
    }

    public async Task StepAsync(ClusterOperation operation, int index)
    {
        var run = _runs[index];
        switch (operation)
        {
            case ClusterOperation.Ask or ClusterOperation.AskAgain:
                await AskAsync(run);
                break;
            case ClusterOperation.Finish when run.Slots is not null:
                Finish(run);
                break;
            case ClusterOperation.LoseWorkers:
                Recover(run);
                break;
            case ClusterOperation.LoseSilo when _silos.Ledgers.Count > 1:
                LoseSilo(_silos.Ledgers.Keys.ElementAt(index % _silos.Ledgers.Count));
                break;
            case ClusterOperation.AddSilo:
                AddSilo(index);
                break;
            case ClusterOperation.Wait:
                _clock.Advance(TimeSpan.FromSeconds(5));
                break;
        }
    }

    /// <summary>Lets all runs ask until they have had their turn, the last first.</summary>
    /// <returns>Those that wait for ever.</returns>
    public async Task<IReadOnlyList<string>> EndAsync()
    {
        for (var round = 0; round <= Runs; round++)
        {
            foreach (var run in _runs.Reverse())
            {
                await AskAsync(run);
            }

            foreach (var run in _runs.Where(run => run.Slots is not null))
            {
                Finish(run);
            }
        }

        return [.. _runs.Where(run => !run.IsDone).Select(run => run.Id)];
    }

    private async Task AskAsync(Run run)
    {
        if (run.IsDone)
        {
            return;
        }

        var cluster = await _silos.LookAsync(CancellationToken.None);
        var isBehind = !_isOfSweeps && _runs.TakeWhile(other => other != run).Any(other => IsWaiting(other) && cluster.CouldServe(Request(other)));
        var own = cluster.HeldBy(run.Id).Count();
        run.AskedAt = _clock.GetUtcNow();
        try
        {
            var before = run.Slots;
            var slots = await _placement.RequestAsync(Request(run), TestContext.Current.CancellationToken);
            Assert.True(slots is null || (slots.Count >= run.Minimum && slots.Count <= run.Maximum));
            Assert.True(slots is null || slots.Distinct().Count() == slots.Count);
            Assert.True(slots is null || !isBehind || slots.Count <= own, $"{run.Id} overtook another");
            run.AskedAt = slots is null ? run.AskedAt : null; // a grant ends the waiting
            if (before is not null)
            {
                Assert.Equal(before, slots);
            }
            else if (slots is not null)
            {
                await TakeAsync(run, slots);
            }
            else
            {
                Leave(run);
            }
        }
        catch (GangTooLargeException)
        {
            Assert.True(run.Minimum > cluster.Count);
            Leave(run);
            run.IsDone = true;
        }
    }

    private async Task TakeAsync(Run run, IReadOnlyList<DeviceSlot> slots)
    {
        var earlier = run.Leases.ToArray();
        run.Leases.Clear();
        for (var rank = 0; rank < slots.Count; rank++)
        {
            var lease = await _silos.Ledgers[slots[rank].Silo].TakeAsync(
                slots[rank], new SlotHolder(run.Id, run.Generation, rank), TestContext.Current.CancellationToken);
            Assert.True(_held.TryAdd(lease.Slot, lease), $"{lease.Slot} was given to {lease.Holder} too");
            lease.Evicted.Register(() => Free(lease));
            run.Leases.Add(lease);
        }

        Array.ForEach(earlier, Free); // those on silos that the new gang does not use
        run.Slots = slots;
    }

    private void Finish(Run run)
    {
        Leave(run);
        run.IsDone = true;
    }

    // Its workers stay where they are until the next generation comes, or it has to wait.
    private static void Recover(Run run)
    {
        if (run.Slots is not null)
        {
            (run.Slots, run.Generation) = (null, run.Generation + 1);
        }
    }

    private void LoseSilo(string silo)
    {
        _silos.Ledgers.Remove(silo);
        foreach (var lease in _held.Values.Where(lease => lease.Slot.Silo == silo).ToList())
        {
            var run = _runs.Single(run => run.Id == lease.Holder.RunId);
            run.Leases.Remove(lease);
            Free(lease);
            Recover(run);
        }
    }

    private void AddSilo(int slots)
    {
        var number = ++_siloCount;
        _silos.Add($"silo{number}", slots + 1);
    }

    private void Leave(Run run)
    {
        run.Leases.ForEach(Free);
        run.Leases.Clear();
        run.Slots = null;
    }

    private void Free(SlotLease lease)
    {
        _held.TryRemove(KeyValuePair.Create(lease.Slot, lease));
        lease.Dispose();
    }

    private bool IsWaiting(Run run) =>
        !run.IsDone && run.AskedAt is { } asked && _clock.GetUtcNow() - asked < _queueTimeout;

    private static GangRequest Request(Run run) =>
        new(run.Id, run.Generation, run.Minimum, run.Maximum, DateTimeOffset.UnixEpoch, [], run.SweepId);

    private sealed class Run(string id, int minimum, string? sweepId)
    {
        public string Id { get; } = id;

        public int Minimum { get; } = minimum;

        public string? SweepId { get; } = sweepId;

        public int Maximum { get; } = minimum + 1;

        public int Generation { get; set; } = 1;

        public DateTimeOffset? AskedAt { get; set; }

        public IReadOnlyList<DeviceSlot>? Slots { get; set; }

        public List<SlotLease> Leases { get; } = [];

        public bool IsDone { get; set; }
    }
}
