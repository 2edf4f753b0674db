using System.Collections.Concurrent;
using Lcnn.Distributed.Contracts;

namespace Lcnn.Distributed.Grains.EventLogs;

/// <summary>Keeps logs for as long as the process lives: enough for a single silo, whose loss ends its runs and sweeps anyway.</summary>
internal sealed class MemoryEventLogStore<TEvent>(int capacity = MemoryEventLogStore<TEvent>.DefaultCapacity) : IEventLogStore<TEvent>
    where TEvent : class, INumberedEvent
{
    /// <summary>Events kept in each log.</summary>
    public const int DefaultCapacity = 100_000;

    private readonly ConcurrentDictionary<string, EventRing<TEvent>> _logs = new();

    public Task<EventLogAppended> AppendAsync(string logId, IReadOnlyList<TEvent> events, CancellationToken cancellationToken) => Use(logId, log =>
    {
        if (events[0].Sequence > log.LastSequence)
        {
            foreach (var added in events)
            {
                log.Add(added);
            }

            return new EventLogAppended(IsSuperseded: false, log.LastSequence);
        }

        var last = events[^1];
        var isRetry = log.After(last.Sequence - 1, limit: 1) is [var stored] && ReferenceEquals(stored, last);
        return new EventLogAppended(IsSuperseded: !isRetry, log.LastSequence);
    }, cancellationToken);

    public Task<IReadOnlyList<TEvent>> ReadAfterAsync(string logId, long sequence, int limit, CancellationToken cancellationToken) =>
        Use<IReadOnlyList<TEvent>>(logId, log => log.After(sequence, limit), cancellationToken);

    public Task<IReadOnlyList<TEvent>> ReadBeforeAsync(string logId, long sequence, int limit, CancellationToken cancellationToken) =>
        Use<IReadOnlyList<TEvent>>(logId, log => log.Before(sequence, limit), cancellationToken);

    public Task TrimAsync(string logId, Func<TEvent, bool> isKept, CancellationToken cancellationToken) => Use(logId, log =>
    {
        log.Keep(isKept);
        return true;
    }, cancellationToken);

    private Task<T> Use<T>(string logId, Func<EventRing<TEvent>, T> use, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var log = _logs.GetOrAdd(logId, static (_, capacity) => new EventRing<TEvent>(capacity), capacity);
        lock (log)
        {
            return Task.FromResult(use(log));
        }
    }
}
