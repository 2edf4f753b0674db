using System.Diagnostics;

namespace Lcnn.Distributed.Grains.Collectives;

/// <summary>One rank's view of the others: what it sends, what it waits for, and how many bytes that took.</summary>
/// <remarks>A rank sends to itself too, so that no caller treats its own share apart; only bytes to others count.</remarks>
internal sealed class RankChannel(
    int rank, int worldSize, ITransport transport, Mailbox mailbox, RankActivity activity, CancellationToken cancellationToken)
{
    private long _waitTicks;

    public int Rank => rank;

    public int WorldSize => worldSize;

    /// <summary>Whether this rank keeps the metrics and writes snapshots.</summary>
    public bool Leads => rank == 0;

    /// <summary>Bytes handed to other ranks, by transport.</summary>
    public IReadOnlyDictionary<string, long> BytesSent => transport.BytesSent(rank);

    /// <summary>What the rank is doing.</summary>
    public RankActivity Activity => activity;

    /// <summary>Time spent waiting for parcels.</summary>
    public TimeSpan Waited => Stopwatch.GetElapsedTime(0, _waitTicks);

    public void Send(int toRank, ParcelKey key, Parcel parcel) => transport.Send(rank, toRank, key, parcel, cancellationToken);

    /// <summary>Sends to every rank; the parcel stays the caller's.</summary>
    public void Broadcast(ParcelKey key, Parcel parcel)
    {
        for (var to = 0; to < worldSize; to++)
        {
            Send(to, key, parcel);
        }
    }

    /// <summary>Waits for one rank's parcel.</summary>
    public T Receive<T>(int fromRank, ParcelKey key)
        where T : Parcel
    {
        var start = Stopwatch.GetTimestamp();
        activity.WaitFor(fromRank);
        var parcel = mailbox.Take<T>(fromRank, key, cancellationToken);
        activity.EndWait();
        _waitTicks += Stopwatch.GetTimestamp() - start;
        return parcel;
    }

    /// <summary>Waits for every rank's parcel, in rank order.</summary>
    public IReadOnlyList<T> Gather<T>(ParcelKey key)
        where T : Parcel
    {
        var parcels = new T[worldSize];
        try
        {
            for (var from = 0; from < worldSize; from++)
            {
                parcels[from] = Receive<T>(from, key);
            }

            return parcels;
        }
        catch
        {
            foreach (var parcel in parcels)
            {
                parcel?.Dispose(); // those behind the failed one did not come
            }

            throw;
        }
    }
}
