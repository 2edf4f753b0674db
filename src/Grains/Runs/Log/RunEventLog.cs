using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>A run's numbered events, bounded: a slow watcher loses the oldest, never the run's time.</summary>
internal sealed class RunEventLog(string runId, TimeProvider clock, int capacity = 100_000)
{
    private readonly Queue<RunEvent> _events = new();
    private TaskCompletionSource _appended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Number of the newest event, 0 when there is none.</summary>
    public long LastSequence { get; private set; }

    /// <summary>Whether the run has said its last.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Completes when the next event is there.</summary>
    public Task Appended => _appended.Task;

    /// <summary>Numbers an event and keeps it.</summary>
    public void Append(RunEvent runEvent)
    {
        LastSequence++;
        _events.Enqueue(runEvent with { RunId = runId, Sequence = LastSequence, Time = clock.GetUtcNow() });
        if (_events.Count > capacity)
        {
            _events.Dequeue();
        }

        IsComplete |= runEvent.IsFinal;
        var appended = _appended;
        _appended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        appended.SetResult();
    }

    /// <summary>The kept events after a position.</summary>
    public IReadOnlyList<RunEvent> After(long sequence) => LastSequence <= sequence ? [] : [.. _events.SkipWhile(e => e.Sequence <= sequence)];
}
