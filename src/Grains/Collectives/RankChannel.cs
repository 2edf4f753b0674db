using System.Diagnostics;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.Grains.Collectives;

/// <summary>One rank's view of the others: what it sends, what it waits for, and how many bytes that took.</summary>
/// <remarks>A rank sends to itself too, so that no caller treats its own share apart; only bytes to others count.</remarks>
internal sealed class RankChannel(
    int rank, int worldSize, ITransport transport, Mailbox mailbox, RankActivity activity, CancellationToken cancellationToken)
{
    /// <summary>The rank that keeps the metrics, asks for a stop and writes snapshots.</summary>
    public const int LeadingRank = 0;

    private long _waitTicks;

    public int Rank => rank;

    public int WorldSize => worldSize;

    /// <summary>Whether this is the leading rank.</summary>
    public bool Leads => rank == LeadingRank;

    /// <summary>Bytes handed to other ranks, by transport.</summary>
    public IReadOnlyDictionary<string, long> BytesSent => transport.BytesSent(rank);

    /// <summary>What the rank is doing.</summary>
    public RankActivity Activity => activity;

    /// <summary>Time spent waiting for parcels.</summary>
    public TimeSpan Waited => Stopwatch.GetElapsedTime(0, _waitTicks);

    public void Send(int toRank, ParcelKey key, Parcel parcel) => transport.Send(rank, toRank, key, parcel, cancellationToken);

    /// <summary>Sends to every rank; the parcel stays the caller's.</summary>
    public void Broadcast(ParcelKey key, Parcel parcel) => transport.Broadcast(rank, worldSize, key, parcel, cancellationToken);

    /// <summary>Whether a rank shares this one's memory.</summary>
    public bool IsNear(int other) => transport.SpeakerOf(other) == transport.SpeakerOf(rank);

    /// <summary>Whom sums come from: each rank that shares this one's memory, and one for all in every other process.</summary>
    public IEnumerable<int> SumSenders => Enumerable.Range(0, worldSize).Where(other => IsNear(other) || transport.SpeakerOf(other) == other);

    /// <summary>Adds sums for ranks that do not share this one's memory to those of the ranks that do.</summary>
    /// <returns>All of them, to be sent by <see cref="SendShared"/>, when this rank's were the last; else null.</returns>
    public IReadOnlyList<KeyValuePair<TreeNode, SubtreeSum>>? AddShared(ParcelKey key, int shards, IReadOnlyList<KeyValuePair<TreeNode, SubtreeSum>> sums) =>
        transport.Shared.Add(transport.SpeakerOf(rank), key, Enumerable.Range(0, worldSize).Count(IsNear), shards, sums);

    /// <summary>Sends what ranks that share memory have added up.</summary>
    public void SendShared(int toRank, ParcelKey key, GradientParcel parcel) => transport.Send(transport.SpeakerOf(rank), toRank, key, parcel, cancellationToken);

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
        where T : Parcel => Gather<T>(key, Enumerable.Range(0, worldSize));

    /// <summary>Waits for the parcels of some ranks, in their order.</summary>
    public IReadOnlyList<T> Gather<T>(ParcelKey key, IEnumerable<int> ranks)
        where T : Parcel
    {
        var parcels = new List<T>(worldSize);
        try
        {
            foreach (var from in ranks)
            {
                parcels.Add(Receive<T>(from, key));
            }

            return parcels;
        }
        catch
        {
            parcels.ForEach(parcel => parcel.Dispose()); // those behind the failed one did not come
            throw;
        }
    }
}
