namespace Lcnn.Distributed.Grains.Collectives.Links;

/// <summary>A parcel on its way to another process, kept until it is acknowledged; the object is used again for later ones.</summary>
internal sealed class OutgoingParcel
{
    public long Sequence { get; private set; }

    public int FromRank { get; private set; }

    public int ToRank { get; private set; }

    public ParcelKey Key { get; private set; }

    public Parcel? Parcel { get; private set; }

    public long Bytes { get; private set; }

    public SentBytes? Account { get; private set; }

    /// <summary>Whether somebody reads its tensors, which must then outlive even its acknowledgement.</summary>
    public bool IsInUse { get; set; }

    public bool IsAcknowledged { get; set; }

    public void Begin(long sequence, int fromRank, int toRank, ParcelKey key, Parcel parcel, long bytes, SentBytes account)
    {
        (Sequence, FromRank, ToRank, Key) = (sequence, fromRank, toRank, key);
        (Parcel, Bytes, Account) = (parcel, bytes, account);
    }

    public void End()
    {
        Parcel?.Dispose();
        (Parcel, Account, IsAcknowledged) = (null, null, false);
    }
}
