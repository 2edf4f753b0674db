namespace Lcnn.Distributed.Grains.Collectives;

/// <summary>A way for parcels from one rank to the others of its generation.</summary>
internal interface ITransport
{
    /// <summary>Name in reports: "memory", "stream" or "grain".</summary>
    string Name { get; }

    /// <summary>Hands a parcel over; returns once the sender may go on, not when it has arrived.</summary>
    void Send(int fromRank, int toRank, ParcelKey key, Parcel parcel);
}
