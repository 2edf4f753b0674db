using System.Collections.Concurrent;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Grains.Runs.Log;

/// <summary>Keeps logs for as long as the process lives: enough for a single silo, whose loss ends its runs anyway.</summary>
internal sealed class MemoryRunLogStore(int capacity = MemoryRunLogStore.DefaultCapacity) : IRunLogStore
{
    /// <summary>Events kept of each run.</summary>
    public const int DefaultCapacity = 100_000;

    private readonly ConcurrentDictionary<string, EventRing> _runs = new();

    public Task<RunLogAppended> AppendAsync(string runId, IReadOnlyList<RunEvent> events, CancellationToken cancellationToken) => Use(runId, log =>
    {
        if (events[0].Sequence > log.LastSequence)
        {
            foreach (var runEvent in events)
            {
                log.Add(runEvent);
            }

            return new RunLogAppended(IsSuperseded: false, log.LastSequence);
        }

        var last = events[^1];
        var isRetry = log.After(last.Sequence - 1, limit: 1) is [var stored] && ReferenceEquals(stored, last);
        return new RunLogAppended(IsSuperseded: !isRetry, log.LastSequence);
    }, cancellationToken);

    public Task<IReadOnlyList<RunEvent>> ReadAfterAsync(string runId, long sequence, int limit, CancellationToken cancellationToken) =>
        Use<IReadOnlyList<RunEvent>>(runId, log => log.After(sequence, limit), cancellationToken);

    public Task<IReadOnlyList<RunEvent>> ReadBeforeAsync(string runId, long sequence, int limit, CancellationToken cancellationToken) =>
        Use<IReadOnlyList<RunEvent>>(runId, log => log.Before(sequence, limit), cancellationToken);

    public Task TrimAsync(string runId, int keep, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, 1);
        return Use(runId, log =>
        {
            log.KeepNewest(keep);
            return true;
        }, cancellationToken);
    }

    private Task<T> Use<T>(string runId, Func<EventRing, T> use, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var log = _runs.GetOrAdd(runId, static (_, capacity) => new EventRing(capacity), capacity);
        lock (log)
        {
            return Task.FromResult(use(log));
        }
    }
}
