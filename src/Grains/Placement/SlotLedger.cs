using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Model.Numerics;

namespace Lcnn.Distributed.Grains.Placement;

/// <summary>The slots of this silo: who has them, and for whom they are kept. It alone decides, whatever others believe.</summary>
/// <remarks>
/// A generation may reserve slots that earlier ones of its run still hold. Its first worker to come evicts those from the whole silo;
/// each waits until its own slot is free, so that no slot ever has two holders. A worker that was evicted and stays, such as one that
/// hangs, keeps its slot out of use. Generations earlier than one that reserved are refused.
/// </remarks>
internal sealed class SlotLedger
{
    private const int RememberedRuns = 4096;

    private readonly Lock _lock = new();
    private readonly string _silo;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _reservationTimeout;
    private readonly NewestGenerations _newest = new(RememberedRuns);
    private readonly Lazy<IReadOnlyList<string>> _devices;
    private readonly Lazy<List<SlotEntry>> _slots;
    private bool _isDraining;

    /// <param name="silo">Address of the silo.</param>
    /// <param name="options">How many slots on which devices.</param>
    /// <param name="clock">Lets reservations lapse.</param>
    public SlotLedger(string silo, PlacementOptions options, TimeProvider clock)
    {
        (_silo, _clock, _reservationTimeout) = (silo, clock, options.ReservationTimeout);
        IsUnlimited = options.SlotCount is null;
        // Looking for GPUs loads libtorch, which a silo need not wait for at its start.
        _devices = new(() => options.DeviceList(ComputeDevice.NamesOfMachine));
        _slots = new(() => [.. Enumerable.Range(0, options.SlotCount ?? 0).Select(NewSlot)]);
    }

    /// <summary>Whether there are as many slots as are asked for.</summary>
    public bool IsUnlimited { get; }

    /// <summary>Whether the silo is leaving: it keeps what it has and reserves nothing new.</summary>
    public bool IsDraining
    {
        get
        {
            lock (_lock)
            {
                return _isDraining;
            }
        }
    }

    /// <summary>The silo begins to leave: no slot is given any more.</summary>
    public void Drain()
    {
        lock (_lock)
        {
            _isDraining = true;
        }
    }

    /// <summary>Runs that have slots here.</summary>
    public IReadOnlyList<string> Runs()
    {
        lock (_lock)
        {
            return [.. Slots().Select(entry => entry.Holder?.RunId).OfType<string>().Distinct()];
        }
    }

    /// <summary>Completes when nobody holds any of the slots that are held now.</summary>
    public Task WhenFreed()
    {
        lock (_lock)
        {
            return Task.WhenAll(Slots().Select(entry => entry.Lease).OfType<SlotLease>().Select(lease => lease.Freed));
        }
    }

    /// <summary>Every slot with whoever has it, or has it next.</summary>
    public IReadOnlyList<SlotReport> Report()
    {
        lock (_lock)
        {
            return [.. Slots().Select(entry => new SlotReport(entry.Slot, entry.Holder, entry.IsLeaving))];
        }
    }

    /// <summary>Keeps one slot for each holder in order, or changes nothing and returns null; asked again, keeps the same ones anew.</summary>
    /// <exception cref="SlotRefusedException">A later generation of the run has reserved before.</exception>
    public IReadOnlyList<DeviceSlot>? Reserve(IReadOnlyList<SlotHolder> holders)
    {
        lock (_lock)
        {
            var chosen = new List<SlotEntry>();
            foreach (var holder in holders)
            {
                RefuseOutdated(holder);
                if (Choose(holder, chosen) is not { } entry)
                {
                    return null;
                }

                chosen.Add(entry);
            }

            foreach (var holder in holders)
            {
                _newest.Raise(holder.RunId, holder.Generation);
                DropReservations(other => other.RunId == holder.RunId && other.Generation < holder.Generation);
            }

            var until = _clock.GetTimestamp() + (long)(_reservationTimeout.TotalSeconds * _clock.TimestampFrequency);
            foreach (var (entry, holder) in chosen.Zip(holders).Where(pair => pair.First.Lease?.Holder != pair.Second))
            {
                entry.Reserve(holder, until);
            }

            Slots().AddRange(chosen.Where(entry => entry.Slot.Index >= Slots().Count));
            return [.. chosen.Select(entry => entry.Slot)];
        }
    }

    /// <summary>Drops the reservations of a generation, and tells its workers to leave.</summary>
    public void Release(string runId, int generation)
    {
        SlotLease[] leases;
        lock (_lock)
        {
            DropReservations(holder => holder.RunId == runId && holder.Generation == generation);
            leases = LeasesOf(runId, other => other == generation);
        }

        Array.ForEach(leases, lease => lease.Evict());
    }

    /// <summary>Hands a reserved slot to its worker, once no earlier generation of the run holds that slot.</summary>
    /// <exception cref="SlotRefusedException">The slot is not reserved for this holder, or no longer.</exception>
    public async Task<SlotLease> TakeAsync(DeviceSlot slot, SlotHolder holder, CancellationToken cancellationToken)
    {
        var taker = new object();
        var entry = BeginTaking(slot, holder, taker);
        try
        {
            while (true)
            {
                SlotLease before;
                lock (_lock)
                {
                    RefuseUnless(entry.Taker == taker, entry, holder);
                    Array.ForEach(LeasesOf(holder.RunId, generation => generation < holder.Generation), lease => lease.Evict());
                    if (entry.Lease is null)
                    {
                        entry.DropReservation();
                        return entry.Lease = new SlotLease(entry.Slot, holder, lease => Free(entry, lease));
                    }

                    before = entry.Lease;
                }

                await before.Freed.WaitAsync(cancellationToken);
            }
        }
        catch
        {
            lock (_lock)
            {
                entry.Taker = entry.Taker == taker ? null : entry.Taker;
            }

            throw;
        }
    }

    private SlotEntry BeginTaking(DeviceSlot slot, SlotHolder holder, object taker)
    {
        lock (_lock)
        {
            RefuseOutdated(holder);
            if (slot.Silo != _silo || Slots().Find(entry => entry.Slot == slot) is not { } entry)
            {
                throw new SlotRefusedException($"{Describe(holder)} wants slot {slot.Index} ({slot.Device}) of silo {slot.Silo}, which silo {_silo} does not have");
            }

            RefuseUnless(entry.Reserved == holder, entry, holder);
            if (entry.Taker is not null)
            {
                throw new SlotRefusedException($"{Describe(holder)} wants slot {slot.Index} of silo {_silo} a second time");
            }

            entry.Taker = taker;
            return entry;
        }
    }

    // The one that has it already, else one of the run's own, else the first free one.
    private SlotEntry? Choose(SlotHolder holder, List<SlotEntry> chosen)
    {
        var slots = Slots();
        var own = slots.Find(entry => entry.Reserved == holder || (entry.Lease?.Holder == holder && !entry.Lease.Evicted.IsCancellationRequested));
        if (own is not null || _isDraining)
        {
            return own;
        }

        var available = slots.Where(entry => entry.IsAvailableTo(holder) && !chosen.Contains(entry)).ToList();
        return available.Find(entry => entry.Lease is not null) ?? available.FirstOrDefault() ?? (IsUnlimited
            ? NewSlot(slots.Count + chosen.Count(entry => entry.Slot.Index >= slots.Count))
            : null);
    }

    private void Free(SlotEntry entry, SlotLease lease)
    {
        lock (_lock)
        {
            entry.Lease = entry.Lease == lease ? null : entry.Lease;
        }
    }

    private List<SlotEntry> Slots()
    {
        var now = _clock.GetTimestamp();
        var slots = _slots.Value;
        slots.ForEach(entry => entry.Lapse(now));
        return slots;
    }

    private void DropReservations(Predicate<SlotHolder> which)
    {
        foreach (var entry in Slots().Where(entry => entry.Reserved is { } holder && which(holder)))
        {
            entry.DropReservation();
        }
    }

    private SlotLease[] LeasesOf(string runId, Predicate<int> generation) =>
        [.. Slots().Select(entry => entry.Lease).OfType<SlotLease>().Where(lease => lease.Holder.RunId == runId && generation(lease.Holder.Generation))];

    private void RefuseOutdated(SlotHolder holder)
    {
        if (_newest.Of(holder.RunId) is { } newest && newest > holder.Generation)
        {
            throw new SlotRefusedException($"{Describe(holder)} comes too late to silo {_silo}: the run is in generation {newest}");
        }
    }

    private void RefuseUnless(bool isKept, SlotEntry entry, SlotHolder holder)
    {
        if (!isKept)
        {
            throw new SlotRefusedException(
                $"{Describe(holder)} wants slot {entry.Slot.Index} of silo {_silo}, which {(entry.Holder is { } other ? $"{Describe(other)} has" : "is no longer kept for it")}");
        }
    }

    private SlotEntry NewSlot(int index) => new(new DeviceSlot(_silo, index, _devices.Value[index % _devices.Value.Count]));

    private static string Describe(SlotHolder holder) => $"rank {holder.Rank} of generation {holder.Generation} of run {holder.RunId}";
}
