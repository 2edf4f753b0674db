using Lcnn.Distributed.Contracts;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.Storage;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Grains.EventLogs;

/// <summary>The numbered events of a run or sweep as its grain writes them and watchers read them.</summary>
/// <remarks>
/// An appended event gets its number at once and waits to be stored; one write is under way at a time and takes all that wait. Watchers
/// see an event once it is stored, so that no number is ever seen with two contents. While the store is away events wait, those that
/// can be spared up to a bound. If the store refuses a number, another silo has taken over: this log takes nothing more and says so. So it
/// does when the store has refused to take anything for too long (<see cref="Refusals"/>).
/// </remarks>
internal abstract partial class EventLog<TEvent> : IDisposable
    where TEvent : class, INumberedEvent
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource<Exception> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<TEvent> _waiting = new();
    private readonly EventRing<TEvent> _window;
    private readonly string _logId;
    private readonly IEventLogStore<TEvent> _store;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly EventLogLimits _limits;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Exception? _closedFor;
    private long _lastNumber;
    private bool _isComplete;
    private bool _isWriting;
    private bool _isLeavingOut;

    /// <param name="store">Where it is kept.</param>
    /// <param name="logger">For trouble with the store.</param>
    /// <param name="newest">The newest events in the store, in order; all of them when there are fewer than the window holds.</param>
    protected EventLog(string logId, IEventLogStore<TEvent> store, TimeProvider clock, ILogger logger, EventLogLimits limits, IReadOnlyList<TEvent> newest)
    {
        (_logId, _store, _clock, _logger, _limits) = (logId, store, clock, logger, limits);
        (_lastNumber, _isComplete) = newest is [.., var last] ? (last.Sequence, last.IsFinal) : (0, false);
        _window = new EventRing<TEvent>(limits.Window);
        // Only a part without gaps, so that a number inside the window is known to be there.
        var start = newest.Count - 1;
        while (start > 0 && newest[start - 1].Sequence == newest[start].Sequence - 1)
        {
            start--;
        }

        foreach (var added in newest.Skip(start))
        {
            _window.Add(added);
        }
    }

    /// <summary>Number of the newest stored event, 0 when there is none.</summary>
    public long LastSequence
    {
        get
        {
            lock (_gate)
            {
                return _window.LastSequence;
            }
        }
    }

    /// <summary>Whether the final event was appended, now or before the log was opened.</summary>
    public bool IsComplete
    {
        get
        {
            lock (_gate)
            {
                return _isComplete;
            }
        }
    }

    /// <summary>The event that says what began; told to watchers from whom the bound of the log keeps it. Null where none is known.</summary>
    public TEvent? Beginning { get; set; }

    /// <summary>Why nothing more is stored: another silo turns out to write this log, or the store has refused it for too long. Else it never completes.</summary>
    public Task<Exception> Failed => _failed.Task;

    /// <summary>Numbers an event and has it stored; does nothing after the final event or once it has failed.</summary>
    /// <returns>The event with its number; null when nothing was done.</returns>
    public TEvent? Append(TEvent added)
    {
        TEvent numbered;
        lock (_gate)
        {
            if (_isComplete || _failed.Task.IsCompleted || IsLeftOut(added))
            {
                return null;
            }

            numbered = Enqueue(added);
            if (_isWriting)
            {
                return numbered;
            }

            _isWriting = true;
        }

        WriteAsync().Ignore();
        return numbered;
    }

    /// <summary>When the final event was logged; null while it is not stored.</summary>
    public DateTimeOffset? EndedAt
    {
        get
        {
            lock (_gate)
            {
                return _window.Before(long.MaxValue, limit: 1) is [{ IsFinal: true } final] ? TimeOf(final) : null;
            }
        }
    }

    /// <summary>Has the store forget what need not be kept of a log that is complete. Watchers of this activation may see some of it yet.</summary>
    public Task TrimAsync(Func<TEvent, bool> isKept, CancellationToken cancellationToken) =>
        EndedAt is null ? throw new InvalidOperationException($"{_logId}: its log is not complete") : _store.TrimAsync(_logId, isKept, cancellationToken);

    /// <summary>Waits until all that was appended so far is stored.</summary>
    /// <exception cref="EventLogSupersededException">It never will be.</exception>
    /// <exception cref="StoreRefusedException">The store has refused it for too long.</exception>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        long target;
        lock (_gate)
        {
            target = _lastNumber;
        }

        while (true)
        {
            var changed = Changed();
            ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, this);
            if (_failed.Task.IsCompletedSuccessfully)
            {
                throw await _failed.Task;
            }

            if (LastSequence >= target)
            {
                return;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Ends writes and watches; what waits is not stored.</summary>
    public void Dispose() => Close(reason: null);

    /// <summary>As <see cref="Dispose"/>; watchers hear the reason, if there is one.</summary>
    public void Close(Exception? reason)
    {
        _closedFor ??= reason;
        _closing.Cancel();
        lock (_gate)
        {
            Pulse();
        }
    }

    /// <summary>The event with its place in the log.</summary>
    protected abstract TEvent Number(TEvent added, long sequence, DateTimeOffset time);

    /// <summary>When an event was logged.</summary>
    protected abstract DateTimeOffset TimeOf(TEvent logged);

    /// <summary>Whether the event may be left out while too many wait for the store.</summary>
    protected virtual bool CanSpare(TEvent added) => false;

    /// <summary>The notice that events from this one on are left out.</summary>
    protected virtual TEvent LeftOut(TEvent first, int waiting) => throw new NotSupportedException("nothing is left out of this log");

    private bool IsLeftOut(TEvent added)
    {
        if (_waiting.Count < _limits.Waiting || !CanSpare(added))
        {
            return false;
        }

        if (!_isLeavingOut)
        {
            _isLeavingOut = true;
            Enqueue(LeftOut(added, _waiting.Count));
        }

        return true;
    }

    private TEvent Enqueue(TEvent added)
    {
        var numbered = Number(added, ++_lastNumber, _clock.GetUtcNow());
        _waiting.Enqueue(numbered);
        _isComplete |= added.IsFinal;
        return numbered;
    }

    private async Task WriteAsync()
    {
        while (TakeBatch() is { } batch && await StoreAsync(batch) is { } appended)
        {
            lock (_gate)
            {
                if (appended.IsSuperseded)
                {
                    _waiting.Clear();
                    _failed.TrySetResult(new EventLogSupersededException(_logId, batch[0].Sequence, appended.LastSequence));
                }
                else
                {
                    foreach (var stored in batch)
                    {
                        _waiting.Dequeue();
                        _window.Add(stored);
                    }

                    _isLeavingOut &= _waiting.Count > 0;
                }

                Pulse();
            }
        }
    }

    private TEvent[]? TakeBatch()
    {
        lock (_gate)
        {
            _isWriting = _waiting.Count > 0;
            return _isWriting ? [.. _waiting.Take(_limits.Batch)] : null;
        }
    }

    // Null when the log was closed or has failed: whether the batch is stored is then for the next writer to find out.
    private async Task<EventLogAppended?> StoreAsync(TEvent[] batch)
    {
        var refusals = new Refusals(_clock);
        for (var attempt = 0; !_closing.IsCancellationRequested; attempt++)
        {
            try
            {
                var appended = await _store.AppendAsync(_logId, batch, _closing.Token);
                if (attempt > 0)
                {
                    LogStored(_logId, batch[^1].Sequence, attempt + 1);
                }

                return appended;
            }
            catch (Exception exception)
            {
                LogStoreFailed(attempt == 0 ? LogLevel.Warning : LogLevel.Debug, exception, _logId, batch[0].Sequence);
                if (!IsWorthTrying(refusals, exception))
                {
                    return null;
                }

                await Backoff.WaitAsync(attempt, _clock, _closing.Token);
            }
        }

        return null;
    }

    private bool IsWorthTrying(Refusals refusals, Exception exception)
    {
        try
        {
            refusals.Note(exception, $"the log of {_logId}");
            return true;
        }
        catch (StoreRefusedException refused)
        {
            lock (_gate)
            {
                _failed.TrySetResult(refused);
                Pulse();
            }

            return false;
        }
    }

    private Task Changed()
    {
        lock (_gate)
        {
            return _changed.Task;
        }
    }

    private void Pulse()
    {
        var changed = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.SetResult();
    }

    [LoggerMessage(Message = "{LogId}: events from {Sequence} on could not be stored; they wait")]
    private partial void LogStoreFailed(LogLevel level, Exception exception, string logId, long sequence);

    [LoggerMessage(Level = LogLevel.Information, Message = "{LogId}: events up to {Sequence} were stored at attempt {Attempt}")]
    private partial void LogStored(string logId, long sequence, int attempt);
}
