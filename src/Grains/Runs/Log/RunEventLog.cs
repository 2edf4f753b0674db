using Lcnn.Distributed.Contracts.Runs;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Grains.Runs.Log;

/// <summary>A run's numbered events as its coordinator writes them and watchers read them.</summary>
/// <remarks>
/// An appended event gets its number at once and waits to be stored; one write is under way at a time and takes all that wait. Watchers
/// see an event once it is stored, so that no number is ever seen with two contents. While the store is away events wait, steps up to
/// a bound. If the store refuses a number, another coordinator has taken over: this log takes nothing more and says so.
/// </remarks>
internal sealed partial class RunEventLog : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource<RunLogSupersededException> _superseded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<RunEvent> _waiting = new();
    private readonly EventRing _window;
    private readonly string _runId;
    private readonly IRunLogStore _store;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly RunLogLimits _limits;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _lastNumber;
    private bool _isComplete;
    private bool _isWriting;
    private bool _isLeavingOut;

    private RunEventLog(string runId, IRunLogStore store, TimeProvider clock, ILogger logger, RunLogLimits limits, IReadOnlyList<RunEvent> newest, RunLogTail tail)
    {
        (_runId, _store, _clock, _logger, _limits, Tail) = (runId, store, clock, logger, limits, tail);
        (_lastNumber, _isComplete) = (tail.LastSequence, tail.IsComplete);
        _window = new EventRing(limits.Window);
        // Only a part without gaps, so that a number inside the window is known to be there.
        var start = newest.Count - 1;
        while (start > 0 && newest[start - 1].Sequence == newest[start].Sequence - 1)
        {
            start--;
        }

        foreach (var runEvent in newest.Skip(start))
        {
            _window.Add(runEvent);
        }
    }

    /// <summary>What was stored when this log was opened.</summary>
    public RunLogTail Tail { get; }

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

    /// <summary>Completes when another coordinator turns out to write this run's log; else never.</summary>
    public Task<RunLogSupersededException> Superseded => _superseded.Task;

    /// <summary>Opens the log of a run, new or to be continued.</summary>
    /// <remarks>Fails at once when the store is away: without its end no log can be continued.</remarks>
    public static async Task<RunEventLog> OpenAsync(
        string runId, IRunLogStore store, TimeProvider clock, ILogger logger, RunLogLimits? limits = null, CancellationToken cancellationToken = default)
    {
        limits ??= new RunLogLimits();
        var newest = await store.ReadBeforeAsync(runId, long.MaxValue, limits.Window, cancellationToken);
        var tail = await RunLogTail.ReadAsync(runId, store, newest, limits.Window, cancellationToken);
        return new RunEventLog(runId, store, clock, logger, limits, newest, tail);
    }

    /// <summary>Numbers an event and has it stored; does nothing after the final event or once superseded.</summary>
    public void Append(RunEvent runEvent)
    {
        lock (_gate)
        {
            if (_isComplete || _superseded.Task.IsCompleted || IsLeftOut(runEvent))
            {
                return;
            }

            Enqueue(runEvent);
            if (_isWriting)
            {
                return;
            }

            _isWriting = true;
        }

        WriteAsync().Ignore();
    }

    /// <summary>Waits until all that was appended so far is stored.</summary>
    /// <exception cref="RunLogSupersededException">It never will be.</exception>
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
            if (_superseded.Task.IsCompletedSuccessfully)
            {
                throw await _superseded.Task;
            }

            if (LastSequence >= target)
            {
                return;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Ends writes and watches; what waits is not stored.</summary>
    public void Dispose()
    {
        _closing.Cancel();
        lock (_gate)
        {
            Pulse();
        }
    }

    private bool IsLeftOut(RunEvent runEvent)
    {
        if (runEvent is not StepCompleted step || _waiting.Count < _limits.Waiting)
        {
            return false;
        }

        if (!_isLeavingOut)
        {
            _isLeavingOut = true;
            Enqueue(new RunWarning
            {
                Message = $"the event log's store is away and {_waiting.Count} events wait for it: steps from {step.Step} on are left out of the log until it is back; training goes on",
            });
        }

        return true;
    }

    private void Enqueue(RunEvent runEvent)
    {
        _waiting.Enqueue(runEvent with { RunId = _runId, Sequence = ++_lastNumber, Time = _clock.GetUtcNow() });
        _isComplete |= runEvent.IsFinal;
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
                    _superseded.TrySetResult(new RunLogSupersededException(_runId, batch[0].Sequence, appended.LastSequence));
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

    private RunEvent[]? TakeBatch()
    {
        lock (_gate)
        {
            _isWriting = _waiting.Count > 0;
            return _isWriting ? [.. _waiting.Take(_limits.Batch)] : null;
        }
    }

    // Null when the log was closed: whether the batch is stored is then for the next coordinator to find out.
    private async Task<RunLogAppended?> StoreAsync(RunEvent[] batch)
    {
        for (var attempt = 0; !_closing.IsCancellationRequested; attempt++)
        {
            try
            {
                var appended = await _store.AppendAsync(_runId, batch, _closing.Token);
                if (attempt > 0)
                {
                    LogStored(_runId, batch[^1].Sequence, attempt + 1);
                }

                return appended;
            }
            catch (Exception exception)
            {
                LogStoreFailed(attempt == 0 ? LogLevel.Warning : LogLevel.Debug, exception, _runId, batch[0].Sequence);
                await Backoff.WaitAsync(attempt, _clock, _closing.Token);
            }
        }

        return null;
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

    [LoggerMessage(Message = "Run {RunId}: events from {Sequence} on could not be stored; they wait")]
    private partial void LogStoreFailed(LogLevel level, Exception exception, string runId, long sequence);

    [LoggerMessage(Level = LogLevel.Information, Message = "Run {RunId}: events up to {Sequence} were stored at attempt {Attempt}")]
    private partial void LogStored(string runId, long sequence, int attempt);
}
