namespace Lcnn.Distributed.Grains.Collectives.Relays;

/// <summary>Calls under way: the newest is less than <paramref name="size"/> ahead of the oldest, so that a receiver has few to keep that came early.</summary>
/// <remarks>One thread begins calls; they end on any.</remarks>
internal sealed class CallWindow(int size)
{
    private readonly object _gate = new();
    private readonly bool[] _hasEnded = new bool[size];
    private Exception? _failure;
    private long _oldest;
    private long _next;

    /// <summary>Waits for room, and for good once a call has failed.</summary>
    /// <returns>The call's number.</returns>
    /// <exception cref="Exception">What the first failed call ended with.</exception>
    public long Begin(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            WaitFor(size - 1, cancellationToken);
            return _next++;
        }
    }

    /// <summary>A call has come back, or failed.</summary>
    public void End(long call, Exception? failure = null)
    {
        lock (_gate)
        {
            _hasEnded[call % size] = true;
            for (; _oldest < _next && _hasEnded[_oldest % size]; _oldest++)
            {
                _hasEnded[_oldest % size] = false;
            }

            _failure ??= failure;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits until all have come back.</summary>
    /// <exception cref="Exception">What the first failed call ended with.</exception>
    public void WaitForAll(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            WaitFor(0, cancellationToken);
        }
    }

    /// <summary>Lets the thread that waits see that it was told to stop.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            Monitor.PulseAll(_gate);
        }
    }

    private void WaitFor(int atMost, CancellationToken cancellationToken)
    {
        while (_next - _oldest > atMost && _failure is null && !cancellationToken.IsCancellationRequested)
        {
            Monitor.Wait(_gate);
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (_failure is { } failure)
        {
            throw failure;
        }
    }
}
