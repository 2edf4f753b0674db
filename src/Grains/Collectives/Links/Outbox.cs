using Lcnn.Distributed.Grains.Collectives.Wire;

namespace Lcnn.Distributed.Grains.Collectives.Links;

/// <summary>What the reader of an outbox is to do next.</summary>
internal enum OutboxWork
{
    /// <summary>Send a parcel and release it.</summary>
    Send,
    /// <summary>Tell the other side what has arrived.</summary>
    Acknowledge,
    /// <summary>The box is closed and all of it acknowledged.</summary>
    Done,
    /// <summary>The reader was told to stop.</summary>
    Stop,
}

/// <summary>What a process sends to another in one generation, numbered from 1 and kept until acknowledged.</summary>
/// <remarks>One reader at a time: the connection of the moment, or the relay. Each resumes at the first unacknowledged parcel.</remarks>
/// <param name="maxBytes">Unacknowledged bytes above which senders wait.</param>
/// <param name="budget">Of what arrives: it must go on arriving while a sender waits, for acknowledgements are behind it.</param>
internal sealed class Outbox(long maxBytes, ReceiveBudget? budget = null)
{
    private readonly object _gate = new();
    private readonly ReceiveBudget _budget = budget ?? ReceiveBudget.Unbounded();
    private readonly List<OutgoingParcel> _kept = [];
    private readonly Stack<OutgoingParcel> _free = new();
    private Func<int, Exception>? _refusal;
    private bool _isClosed;
    private bool _isDropping;
    private bool _isByGrain;
    private long _bytes;
    private long _lastAdded;
    private long _lastStarted;
    private long _arrived;
    private long _arrivedTold;
    private int _next;

    /// <summary>Bytes that are not acknowledged.</summary>
    public long UnacknowledgedBytes
    {
        get
        {
            lock (_gate)
            {
                return _bytes;
            }
        }
    }

    /// <summary>Parcels that are not acknowledged.</summary>
    public int UnacknowledgedCount
    {
        get
        {
            lock (_gate)
            {
                return _kept.Count;
            }
        }
    }

    /// <summary>Adds a parcel, of which the box keeps handles of its own; waits while too much is unacknowledged.</summary>
    /// <exception cref="PeerUnreachableException">It would never arrive.</exception>
    public void Add(int fromRank, int toRank, ParcelKey key, Parcel parcel, SentBytes account, CancellationToken cancellationToken)
    {
        var shared = parcel.ShareForWire();
        var bytes = shared.ByteCount;
        using var wake = cancellationToken.UnsafeRegister(static box => ((Outbox)box!).Wake(), this);
        lock (_gate)
        {
            while (IsOpen(cancellationToken) && _kept.Count > 0 && _bytes + bytes > maxBytes)
            {
                _budget.WaitFor(_gate);
            }

            if (IsOpen(cancellationToken))
            {
                var entry = _free.TryPop(out var used) ? used : new OutgoingParcel();
                entry.Begin(++_lastAdded, fromRank, toRank, key, shared, bytes, account);
                account.Add(_isByGrain, bytes);
                _kept.Add(entry);
                _bytes += bytes;
                Monitor.PulseAll(_gate);
                return;
            }
        }

        shared.Dispose();
        cancellationToken.ThrowIfCancellationRequested();
        if (_refusal is { } refusal)
        {
            throw refusal(toRank);
        }
    }

    /// <summary>Blocks until there is something to do.</summary>
    public OutboxWork WaitNext(CancellationToken stop, out OutgoingParcel? parcel, out long arrived)
    {
        (parcel, arrived) = (null, 0);
        lock (_gate)
        {
            while (!stop.IsCancellationRequested)
            {
                if (TryTakeArrived(out arrived))
                {
                    return OutboxWork.Acknowledge;
                }

                if (_next < _kept.Count)
                {
                    parcel = _kept[_next++];
                    parcel.IsInUse = true;
                    _lastStarted = Math.Max(_lastStarted, parcel.Sequence);
                    return OutboxWork.Send;
                }

                if (_isClosed && _kept.Count == 0)
                {
                    return OutboxWork.Done;
                }

                Monitor.Wait(_gate);
            }
        }

        return OutboxWork.Stop;
    }

    /// <summary>What has arrived from the other side since it was last told.</summary>
    public bool TryTakeArrived(out long arrived)
    {
        lock (_gate)
        {
            arrived = _arrived;
            var isNews = _arrived > _arrivedTold;
            _arrivedTold = _arrived;
            return isNews;
        }
    }

    /// <summary>A parcel of the other side has arrived.</summary>
    public void NoteArrived(long sequence)
    {
        lock (_gate)
        {
            _arrived = Math.Max(_arrived, sequence);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>The reader no longer reads a parcel's tensors.</summary>
    public void Release(OutgoingParcel parcel)
    {
        lock (_gate)
        {
            parcel.IsInUse = false;
            if (parcel.IsAcknowledged)
            {
                Recycle(parcel);
            }
        }
    }

    /// <summary>All parcels up to a number have arrived.</summary>
    /// <returns>Whether that is news.</returns>
    /// <exception cref="RejectedException">Some were never sent.</exception>
    public bool Acknowledge(long sequence)
    {
        lock (_gate)
        {
            if (sequence > _lastStarted || sequence < 0)
            {
                throw new RejectedException(RejectReason.Acknowledgement, $"parcel {sequence} is acknowledged, {_lastStarted} were sent");
            }

            var count = _kept.FindIndex(entry => entry.Sequence > sequence) is var left and >= 0 ? left : _kept.Count;
            Remove(count);
            return count > 0;
        }
    }

    /// <summary>A new reader begins, after the one before it has ended, with what has not arrived.</summary>
    public void Resume(long arrivedThere)
    {
        Acknowledge(arrivedThere);
        lock (_gate)
        {
            _next = 0;
            _arrivedTold = 0; // what the reader before it took to tell may have got lost with it
        }
    }

    /// <summary>The reader is the relay from now on; what is resent counts as its.</summary>
    public void ResumeByGrain()
    {
        lock (_gate)
        {
            _next = 0;
            _isByGrain = true;
            foreach (var entry in _kept)
            {
                entry.Account!.Add(byGrain: false, -entry.Bytes);
                entry.Account.Add(byGrain: true, entry.Bytes);
            }
        }
    }

    /// <summary>Takes no more; what is there is still sent.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Gives up what is there, and what comes later.</summary>
    /// <param name="refusal">What later senders to a rank are told; null when they need not care.</param>
    public void Drop(Func<int, Exception>? refusal)
    {
        lock (_gate)
        {
            _isDropping = true;
            _refusal ??= refusal;
            Remove(_kept.Count);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Lets a reader see that it was told to stop.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            Monitor.PulseAll(_gate);
        }
    }

    private bool IsOpen(CancellationToken cancellationToken) => !_isClosed && !_isDropping && !cancellationToken.IsCancellationRequested;

    private void Remove(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var entry = _kept[i];
            _bytes -= entry.Bytes;
            entry.IsAcknowledged = true;
            if (!entry.IsInUse)
            {
                Recycle(entry);
            }
        }

        _kept.RemoveRange(0, count);
        _next = Math.Max(0, _next - count);
        Monitor.PulseAll(_gate);
    }

    private void Recycle(OutgoingParcel entry)
    {
        entry.End();
        _free.Push(entry);
    }
}
