namespace Lcnn.Distributed.Grains.Collectives;

/// <summary>A way for parcels from the ranks of this process to all ranks of their generation.</summary>
internal interface ITransport
{
    /// <summary>Hands a parcel over; returns once the sender may go on, not when it has arrived.</summary>
    /// <exception cref="PeerUnreachableException">Nothing reaches that rank any more.</exception>
    void Send(int fromRank, int toRank, ParcelKey key, Parcel parcel, CancellationToken cancellationToken);

    /// <summary>Bytes that a rank has handed to others, by the transport that carried them.</summary>
    IReadOnlyDictionary<string, long> BytesSent(int fromRank);
}
