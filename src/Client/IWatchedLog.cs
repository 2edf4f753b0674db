using Lcnn.Distributed.Contracts;

namespace Lcnn.Distributed.Client;

/// <summary>The log of a run or sweep behind its grain.</summary>
internal interface IWatchedLog<out TEvent>
    where TEvent : class, INumberedEvent
{
    /// <summary>The events after a position, live until the final one; one attempt.</summary>
    IAsyncEnumerable<TEvent> WatchAsync(long afterSequence, CancellationToken cancellationToken);

    /// <summary>Number of the newest event.</summary>
    /// <exception cref="Exception">The grain came back without its record: a watcher would wait for ever.</exception>
    Task<long> GetLastSequenceAsync(CancellationToken cancellationToken);
}
