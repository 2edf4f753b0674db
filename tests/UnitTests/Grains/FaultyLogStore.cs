using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.EventLogs;

namespace Lcnn.Distributed.UnitTests.Grains;

/// <summary>A store in memory that can be away, slow, or lose its answers.</summary>
internal sealed class FaultyLogStore : IEventLogStore<RunEvent>
{
    private readonly MemoryEventLogStore<RunEvent> _inner = new();
    private TaskCompletionSource _open = Completed();

    /// <summary>Calls that fail before the store works again.</summary>
    public int FailuresLeft { get; set; }

    /// <summary>What they say.</summary>
    public Exception Trouble { get; set; } = new TimeoutException("the store is away");

    /// <summary>Appends that are done but fail.</summary>
    public int AnswersToLose { get; set; }

    /// <summary>Events of each append.</summary>
    public List<int> Batches { get; } = [];

    /// <summary>Most events given to one read after a position.</summary>
    public int LargestRead { get; private set; }

    /// <summary>Lets appends wait for <see cref="Release"/>.</summary>
    public void Hold() => _open = new TaskCompletionSource();

    public void Release() => _open.SetResult();

    public async Task<EventLogAppended> AppendAsync(string runId, IReadOnlyList<RunEvent> events, CancellationToken cancellationToken)
    {
        await _open.Task.WaitAsync(cancellationToken);
        Fail();
        Batches.Add(events.Count);
        var appended = await _inner.AppendAsync(runId, events, cancellationToken);
        return AnswersToLose-- > 0 ? throw new TimeoutException("the answer was lost") : appended;
    }

    public async Task<IReadOnlyList<RunEvent>> ReadAfterAsync(string runId, long sequence, int limit, CancellationToken cancellationToken)
    {
        Fail();
        var events = await _inner.ReadAfterAsync(runId, sequence, limit, cancellationToken);
        LargestRead = Math.Max(LargestRead, events.Count);
        return events;
    }

    public Task<IReadOnlyList<RunEvent>> ReadBeforeAsync(string runId, long sequence, int limit, CancellationToken cancellationToken) =>
        _inner.ReadBeforeAsync(runId, sequence, limit, cancellationToken);

    public Task TrimAsync(string runId, Func<RunEvent, bool> isKept, CancellationToken cancellationToken) => _inner.TrimAsync(runId, isKept, cancellationToken);

    private static TaskCompletionSource Completed()
    {
        var completed = new TaskCompletionSource();
        completed.SetResult();
        return completed;
    }

    private void Fail()
    {
        if (FailuresLeft > 0)
        {
            FailuresLeft--;
            throw Trouble;
        }
    }
}
