using System.Collections.Concurrent;

namespace Lcnn.Distributed.Grains.Collectives;

/// <summary>The mailboxes of the ranks of one process. What one of them sends another is handed over by reference, nothing is copied.</summary>
internal sealed class Mailboxes(ReceiveBudget? budget = null) : ITransport
{
    private readonly ConcurrentDictionary<int, Mailbox> _mailboxes = new();
    private readonly ConcurrentDictionary<int, SentBytes> _sent = new();

    /// <summary>Of every rank that was asked for.</summary>
    public IEnumerable<Mailbox> All => _mailboxes.Values;

    /// <summary>The mailbox of a rank.</summary>
    public Mailbox MailboxOf(int rank) => _mailboxes.GetOrAdd(rank, _ => new Mailbox(budget));

    /// <summary>What a rank has sent, by whatever transport.</summary>
    public SentBytes SentBy(int rank) => _sent.GetOrAdd(rank, static _ => new SentBytes());

    /// <inheritdoc/>
    public SharedSums Shared { get; } = new();

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, long> BytesSent(int fromRank) => SentBy(fromRank).ByTransport;

    /// <inheritdoc/>
    public void Send(int fromRank, int toRank, ParcelKey key, Parcel parcel, CancellationToken cancellationToken)
    {
        if (fromRank != toRank)
        {
            SentBy(fromRank).AddMemory(parcel.ByteCount);
        }

        MailboxOf(toRank).Deliver(fromRank, key, parcel.Share());
    }

    /// <inheritdoc/>
    public void Broadcast(int fromRank, int worldSize, ParcelKey key, Parcel parcel, CancellationToken cancellationToken)
    {
        for (var to = 0; to < worldSize; to++)
        {
            Send(fromRank, to, key, parcel, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public int SpeakerOf(int rank) => 0;

    /// <summary>Hands a parcel that came for every rank of this process to each, and gives up the hold on it.</summary>
    /// <exception cref="ArgumentException">It has come before.</exception>
    public void DeliverToAll(int fromRank, ParcelKey key, Parcel parcel)
    {
        using (parcel)
        {
            foreach (var mailbox in _mailboxes.Values)
            {
                mailbox.Deliver(fromRank, key, parcel.Share());
            }
        }
    }
}
