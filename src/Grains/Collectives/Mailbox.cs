namespace Lcnn.Distributed.Grains.Collectives;

/// <summary>Where one rank's parcels arrive, whatever brought them; taken from by the rank's own thread.</summary>
internal sealed class Mailbox(ReceiveBudget? budget = null)
{
    private readonly object _gate = new();
    private readonly ReceiveBudget _budget = budget ?? ReceiveBudget.Unbounded();
    private readonly Dictionary<(int FromRank, ParcelKey Key), (Parcel Parcel, long Bytes)> _parcels = [];
    private readonly Dictionary<int, PeerUnreachableException> _unreachable = [];
    private bool _isClosed;

    /// <summary>Puts a parcel in; a closed mailbox gives it back to the allocator.</summary>
    public void Deliver(int fromRank, ParcelKey key, Parcel parcel)
    {
        var bytes = parcel.ByteCount;
        lock (_gate)
        {
            if (!_isClosed)
            {
                _parcels.Add((fromRank, key), (parcel, bytes));
                _budget.Add(bytes);
                Monitor.PulseAll(_gate);
                return;
            }
        }

        parcel.Dispose();
    }

    /// <summary>Waits for a parcel and takes it out. Blocks: only for a worker's own threads.</summary>
    /// <exception cref="OperationCanceledException">The run was stopped first.</exception>
    /// <exception cref="PeerUnreachableException">The parcel cannot come any more.</exception>
    public T Take<T>(int fromRank, ParcelKey key, CancellationToken cancellationToken)
        where T : Parcel
    {
        using var wake = cancellationToken.UnsafeRegister(static gate => WakeAll(gate!), _gate);
        lock (_gate)
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (_parcels.Remove((fromRank, key), out var entry))
                {
                    _budget.Add(-entry.Bytes);
                    return (T)entry.Parcel;
                }

                if (_isClosed)
                {
                    throw new OperationCanceledException("the rank has left");
                }

                if (_unreachable.TryGetValue(fromRank, out var reason))
                {
                    throw new PeerUnreachableException(reason);
                }

                _budget.WaitFor(_gate);
            }
        }
    }

    /// <summary>Nothing more comes from a rank: whoever waits for it learns why.</summary>
    public void Fail(PeerUnreachableException reason)
    {
        lock (_gate)
        {
            _unreachable.TryAdd(reason.Rank, reason);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Gives back what nobody will take, now and later.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            foreach (var (parcel, bytes) in _parcels.Values)
            {
                _budget.Add(-bytes);
                parcel.Dispose();
            }

            _parcels.Clear();
            Monitor.PulseAll(_gate);
        }
    }

    private static void WakeAll(object gate)
    {
        lock (gate)
        {
            Monitor.PulseAll(gate);
        }
    }
}
