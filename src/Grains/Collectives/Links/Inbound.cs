using Lcnn.Distributed.Grains.Collectives.Wire;

namespace Lcnn.Distributed.Grains.Collectives.Links;

/// <summary>What has arrived from one process in one generation, over whatever transport: each parcel counts once.</summary>
internal sealed class Inbound(Mailboxes mailboxes, TransportCounters counters)
{
    private readonly Lock _gate = new();
    private long _last;

    /// <summary>All parcels up to this number have arrived.</summary>
    public long Last
    {
        get
        {
            lock (_gate)
            {
                return _last;
            }
        }
    }

    /// <summary>Whether the parcel is one to receive; one that has arrived before is not.</summary>
    /// <exception cref="RejectedException">One before it is missing.</exception>
    public bool IsNext(in FrameHeader header)
    {
        var last = Last;
        if (header.Sequence <= last && header.Offset == 0)
        {
            counters.AddDuplicate();
        }

        return header.Sequence <= last + 1
            ? header.Sequence == last + 1
            : throw new RejectedException(RejectReason.Sequence, $"parcel {header.Sequence} came after {last}");
    }

    /// <summary>Delivers a parcel, unless another transport was faster.</summary>
    public void Accept(in FrameHeader header, Parcel parcel)
    {
        lock (_gate)
        {
            if (header.Sequence != _last + 1)
            {
                counters.AddDuplicate();
                parcel.Dispose();
                return;
            }

            try
            {
                if (header.ToRank == FrameHeader.EveryRank)
                {
                    mailboxes.DeliverToAll(header.FromRank, header.Key, parcel);
                }
                else
                {
                    mailboxes.MailboxOf(header.ToRank).Deliver(header.FromRank, header.Key, parcel);
                }
            }
            catch (ArgumentException)
            {
                parcel.Dispose();
                throw new RejectedException(RejectReason.Content, $"rank {header.FromRank} sent {header.Key} twice");
            }

            _last++;
        }
    }
}
