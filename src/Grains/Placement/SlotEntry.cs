using Lcnn.Distributed.Contracts.Cluster;

namespace Lcnn.Distributed.Grains.Placement;

/// <summary>One slot in the ledger: held by a worker, reserved for one, or, while a generation follows another, both.</summary>
internal sealed class SlotEntry(DeviceSlot slot)
{
    private long _reservedUntil;

    public DeviceSlot Slot { get; } = slot;

    public SlotLease? Lease { get; set; }

    public SlotHolder? Reserved { get; private set; }

    /// <summary>Whether a worker has come for the reservation and waits for its predecessors to leave.</summary>
    public bool IsBeingTaken { get; set; }

    /// <summary>Who has the slot, or has it next.</summary>
    public SlotHolder? Holder => Reserved ?? Lease?.Holder;

    /// <summary>Whether its worker was told to leave and has not yet.</summary>
    public bool IsLeaving => Lease?.Evicted.IsCancellationRequested == true;

    /// <summary>Whether nobody has it but an earlier generation of the same run that was not told to leave yet.</summary>
    public bool IsAvailableTo(SlotHolder holder) =>
        IsOwn(Reserved, holder) && IsOwn(Lease?.Holder, holder) && !IsLeaving;

    public void Reserve(SlotHolder holder, long until)
    {
        IsBeingTaken &= Reserved == holder;
        (Reserved, _reservedUntil) = (holder, until);
    }

    public void DropReservation() => (Reserved, IsBeingTaken) = (null, false);

    public void Lapse(long now)
    {
        if (Reserved is not null && !IsBeingTaken && now >= _reservedUntil)
        {
            DropReservation();
        }
    }

    private static bool IsOwn(SlotHolder? other, SlotHolder holder) =>
        other is null || (other.RunId == holder.RunId && other.Generation < holder.Generation);
}
