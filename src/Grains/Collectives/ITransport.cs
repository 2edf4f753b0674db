namespace Lcnn.Distributed.Grains.Collectives;

/// <summary>A way for parcels from the ranks of this process to all ranks of their generation.</summary>
internal interface ITransport
{
    /// <summary>Hands a parcel over; returns once the sender may go on, not when it has arrived.</summary>
    /// <exception cref="PeerUnreachableException">Nothing reaches that rank any more.</exception>
    void Send(int fromRank, int toRank, ParcelKey key, Parcel parcel, CancellationToken cancellationToken);

    /// <summary>Hands a parcel to every rank, the sender too, once for each process; it stays the caller's.</summary>
    /// <exception cref="PeerUnreachableException">Nothing reaches one of them any more.</exception>
    void Broadcast(int fromRank, int worldSize, ParcelKey key, Parcel parcel, CancellationToken cancellationToken);

    /// <summary>The first of the ranks that share a rank's memory: what they have to say together comes from it.</summary>
    int SpeakerOf(int rank);

    /// <summary>What ranks that share memory add up before it leaves.</summary>
    SharedSums Shared { get; }

    /// <summary>Bytes that a rank has handed to others, by the transport that carried them.</summary>
    IReadOnlyDictionary<string, long> BytesSent(int fromRank);
}
