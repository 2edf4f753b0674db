namespace Lcnn.Distributed.Grains.Collectives;

/// <summary>Bounds what waits in the mailboxes of one run: streams are not read while there is too much of it.</summary>
/// <remarks>A rank that waits for a parcel opens the gate: what it waits for may be behind what others do not take yet.</remarks>
internal sealed class ReceiveBudget(long limit)
{
    private readonly object _gate = new();
    private long _held;
    private int _waiting;

    /// <summary>Bytes in mailboxes.</summary>
    public long Held
    {
        get
        {
            lock (_gate)
            {
                return _held;
            }
        }
    }

    private bool IsOpen => _held < limit || _waiting > 0;

    public void Add(long bytes)
    {
        lock (_gate)
        {
            _held += bytes;
            Monitor.PulseAll(_gate);
        }
    }

    public void AddWaiting(int count)
    {
        lock (_gate)
        {
            _waiting += count;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Blocks while too much waits.</summary>
    public void WaitForRoom(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (IsOpen)
            {
                return;
            }
        }

        using var wake = cancellationToken.UnsafeRegister(static budget => ((ReceiveBudget)budget!).AddWaiting(0), this);
        lock (_gate)
        {
            while (!IsOpen && !cancellationToken.IsCancellationRequested)
            {
                Monitor.Wait(_gate);
            }
        }
    }
}
