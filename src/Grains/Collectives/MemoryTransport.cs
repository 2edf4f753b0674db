using System.Collections.Concurrent;

namespace Lcnn.Distributed.Grains.Collectives;

/// <summary>Parcels between workers of one process: handed over by reference, nothing is copied.</summary>
internal sealed class MemoryTransport : ITransport
{
    private readonly ConcurrentDictionary<int, Mailbox> _mailboxes = new();

    /// <inheritdoc/>
    public string Name => "memory";

    /// <summary>The mailbox of a rank.</summary>
    public Mailbox MailboxOf(int rank) => _mailboxes.GetOrAdd(rank, static _ => new Mailbox());

    /// <inheritdoc/>
    public void Send(int fromRank, int toRank, ParcelKey key, Parcel parcel) => MailboxOf(toRank).Deliver(fromRank, key, parcel.Share());
}
