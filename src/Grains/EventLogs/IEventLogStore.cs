
using Lcnn.Distributed.Contracts;

namespace Lcnn.Distributed.Grains.EventLogs;

/// <summary>Keeps numbered events of one sort in logs, a bounded number in each: the oldest go first.</summary>
/// <remarks>
/// A number is stored once. That is how the writer of a log finds out that another one has taken its place: what it appends is refused.
/// Reads give events in order; where older ones were forgotten, or a kind is unknown to this release, they give what there is.
/// </remarks>
public interface IEventLogStore<TEvent>
    where TEvent : class, INumberedEvent
{
    /// <summary>Stores events with the numbers they carry, all or none.</summary>
    /// <remarks>The very batch that is already stored counts as appended: it is retried when an answer was lost.</remarks>
    /// <param name="logId">The log: the id of the run or sweep.</param>
    /// <param name="events">At least one; each number is one above that before it.</param>
    /// <param name="cancellationToken">Ends the wait; whether the batch is stored is then unknown.</param>
    Task<EventLogAppended> AppendAsync(string logId, IReadOnlyList<TEvent> events, CancellationToken cancellationToken);

    /// <summary>The oldest events after a position, at most <paramref name="limit"/>.</summary>
    Task<IReadOnlyList<TEvent>> ReadAfterAsync(string logId, long sequence, int limit, CancellationToken cancellationToken);

    /// <summary>The newest events before a position, at most <paramref name="limit"/>, in order; the last ones before <see cref="long.MaxValue"/>.</summary>
    Task<IReadOnlyList<TEvent>> ReadBeforeAsync(string logId, long sequence, int limit, CancellationToken cancellationToken);

    /// <summary>Forgets the events that need not be kept, all at once; the newest always stays, so that numbers go on. What is kept keeps its numbers.</summary>
    /// <remarks>For a log to which nothing is added any more: one that grows meanwhile is left as it is.</remarks>
    Task TrimAsync(string logId, Func<TEvent, bool> isKept, CancellationToken cancellationToken);
}

/// <summary>What came of an append.</summary>
/// <param name="IsSuperseded">Whether somebody else has stored events under these numbers, so that nothing was appended.</param>
/// <param name="LastSequence">The newest number in the store.</param>
public readonly record struct EventLogAppended(bool IsSuperseded, long LastSequence);
