namespace Lcnn.Distributed.Grains.Storage;

/// <summary>What this silo knows of who reaches the store of records: it itself, and others. Thread-safe.</summary>
/// <remarks>
/// A silo is cut off when it does not reach the store while another one does: what needs the store is then better off there. When no silo
/// reaches it, none is cut off, and all wait. Where nobody notes anything, as with records in memory, the store is always there.
/// </remarks>
/// <param name="clock">Measures how long it has been away.</param>
public sealed class StoreReach(TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly HashSet<SiloAddress> _others = [];
    private TaskCompletionSource _cutOff = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long? _lastReached;
    private bool _isAway;

    /// <summary>How long the store has not answered; zero while it does.</summary>
    public TimeSpan Away
    {
        get
        {
            lock (_gate)
            {
                return _isAway && _lastReached is { } last ? clock.GetElapsedTime(last) : TimeSpan.Zero;
            }
        }
    }

    /// <summary>Whether this silo does not reach the store while others do.</summary>
    public bool IsCutOff => CutOff.IsCompleted;

    /// <summary>Done when this silo is cut off; another one follows when it is so no longer.</summary>
    public Task CutOff
    {
        get
        {
            lock (_gate)
            {
                return _cutOff.Task;
            }
        }
    }

    /// <summary>The store has just answered, or has not.</summary>
    public void Note(bool isReached)
    {
        lock (_gate)
        {
            _lastReached = isReached || _lastReached is null ? clock.GetTimestamp() : _lastReached;
            _isAway = !isReached;
            if (isReached && _cutOff.Task.IsCompleted)
            {
                _cutOff = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    /// <summary>Whether the store has answered within that time, for all that is known.</summary>
    public bool HasReachedWithin(TimeSpan time)
    {
        lock (_gate)
        {
            return _lastReached is not { } last || (!_isAway && clock.GetElapsedTime(last) <= time);
        }
    }

    /// <summary>Others reach the store: this silo is cut off, unless it has reached it in the meantime.</summary>
    /// <returns>Whether that is news.</returns>
    public bool NoteCutOff()
    {
        lock (_gate)
        {
            return _isAway && _cutOff.TrySetResult();
        }
    }

    /// <summary>Another silo is cut off, or is so no longer.</summary>
    public void Note(SiloAddress silo, bool isCutOff)
    {
        lock (_gate)
        {
            if (isCutOff)
            {
                _others.Add(silo);
            }
            else
            {
                _others.Remove(silo);
            }
        }
    }

    /// <summary>Whether a silo is known to be cut off.</summary>
    /// <param name="silo">Which.</param>
    /// <param name="self">This one.</param>
    public bool IsKnownToBeCutOff(SiloAddress silo, SiloAddress self)
    {
        lock (_gate)
        {
            return silo.Equals(self) ? _cutOff.Task.IsCompleted : _others.Contains(silo);
        }
    }
}
