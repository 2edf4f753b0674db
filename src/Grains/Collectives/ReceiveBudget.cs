namespace Lcnn.Distributed.Grains.Collectives;

/// <summary>Bounds what waits in the mailboxes of one run: streams are not read while there is too much of it.</summary>
/// <remarks>A rank that waits opens the gate: the parcel or acknowledgement it waits for may be behind what others do not take yet.</remarks>
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

    /// <summary>One that never stops anybody.</summary>
    public static ReceiveBudget Unbounded() => new(long.MaxValue);

    private bool IsOpen => _held < limit || _waiting > 0;

    public void Add(long bytes)
    {
        lock (_gate)
        {
            _held += bytes;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits for a pulse on a monitor that the rank has entered, with the gate open meanwhile.</summary>
    public void WaitFor(object monitor)
    {
        AddWaiting(1);
        try
        {
            Monitor.Wait(monitor);
        }
        finally
        {
            AddWaiting(-1);
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

    private void AddWaiting(int count)
    {
        lock (_gate)
        {
            _waiting += count;
            Monitor.PulseAll(_gate);
        }
    }
}
