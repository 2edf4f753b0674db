using Lcnn.Distributed.Contracts.Cluster;

namespace Lcnn.Distributed.Grains.Placement;

/// <summary>One slot in the ledger: held by a worker, reserved for one, or, while a generation follows another, both.</summary>
internal sealed class SlotEntry(DeviceSlot slot)
{
    private long _reservedUntil;

    public DeviceSlot Slot { get; } = slot;

    public SlotLease? Lease { get; set; }

    public SlotHolder? Reserved { get; private set; }

    /// <summary>The call of the worker that has come for this reservation, not an equal one before it, and waits for its predecessors to leave.</summary>
    public object? Taker { get; set; }

    /// <summary>Who has the slot, or has it next.</summary>
    public SlotHolder? Holder => Reserved ?? Lease?.Holder;

    /// <summary>Whether its worker was told to leave and has not yet.</summary>
    public bool IsLeaving => Lease?.Evicted.IsCancellationRequested == true;

    /// <summary>Whether nobody has it but an earlier generation of the same run that was not told to leave yet.</summary>
    public bool IsAvailableTo(SlotHolder holder) =>
        IsOwn(Reserved, holder) && IsOwn(Lease?.Holder, holder) && !IsLeaving;

    public void Reserve(SlotHolder holder, long until)
    {
        Taker = Reserved == holder ? Taker : null;
        (Reserved, _reservedUntil) = (holder, until);
    }

    public void DropReservation() => (Reserved, Taker) = (null, null);

    public void Lapse(long now)
    {
        if (Reserved is not null && Taker is null && now >= _reservedUntil)
        {
            DropReservation();
        }
    }

    private static bool IsOwn(SlotHolder? other, SlotHolder holder) =>
        other is null || (other.RunId == holder.RunId && other.Generation < holder.Generation);
}
