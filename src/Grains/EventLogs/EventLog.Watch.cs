using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Grains.EventLogs;

// The reading side: every watcher pages for itself and waits where the log ends.
internal abstract partial class EventLog<TEvent>
{
    /// <summary>The stored events after a position, live until the final one; where older ones were forgotten, the beginning and the oldest there are.</summary>
    /// <remarks>It holds one page at a time. A log that is closed ends it with the exception upon which clients watch again.</remarks>
    public async IAsyncEnumerable<TEvent> WatchAsync(long afterSequence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var told = afterSequence;
        while (true)
        {
            var changed = Changed();
            var page = await ReadAsync(afterSequence, cancellationToken);
            foreach (var added in page.Events)
            {
                if (Beginning is { } beginning && beginning.Sequence > told && beginning.Sequence < added.Sequence)
                {
                    yield return beginning; // it lies in a gap
                }

                told = afterSequence = added.Sequence;
                yield return added;
                if (added.IsFinal)
                {
                    yield break;
                }
            }

            if (page.IsEnd)
            {
                yield break;
            }

            afterSequence = Math.Max(afterSequence, page.Skipped);
            if (page.IsUpToDate)
            {
                await changed.WaitAsync(cancellationToken);
            }
        }
    }

    /// <summary>The stored events after a position, to where the log ends by now; where older ones were forgotten, the oldest there are.</summary>
    public async IAsyncEnumerable<TEvent> ReadAllAsync(long afterSequence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await ReadAsync(afterSequence, cancellationToken) is { IsUpToDate: false } page)
        {
            foreach (var stored in page.Events)
            {
                yield return stored;
                afterSequence = stored.Sequence;
            }

            afterSequence = Math.Max(afterSequence, page.Skipped);
        }
    }

    private async ValueTask<Page> ReadAsync(long position, CancellationToken cancellationToken)
    {
        long first;
        for (var attempt = 0; ; attempt++)
        {
            if (_closing.IsCancellationRequested)
            {
                throw _closedFor ?? new EnumerationAbortedException($"the log of {_logId} moves to another silo");
            }

            lock (_gate)
            {
                first = _window.FirstSequence;
                if (position >= first - 1)
                {
                    var events = _window.After(position, _limits.Page);
                    var isUpToDate = events.Length == 0;
                    return new Page(events, isUpToDate, IsEnd: isUpToDate && _isComplete && _waiting.Count == 0, Skipped: 0);
                }
            }

            try
            {
                var stored = await _store.ReadAfterAsync(_logId, position, _limits.Page, cancellationToken);
                var isForgotten = stored.Count == 0 || stored[0].Sequence > first;
                return new Page(isForgotten ? [] : stored, IsUpToDate: false, IsEnd: false, Skipped: isForgotten ? first - 1 : 0);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                LogReadFailed(exception, _logId, position);
                await Backoff.WaitAsync(attempt, _clock, cancellationToken);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{LogId}: events after {Sequence} could not be read for a watcher")]
    private partial void LogReadFailed(Exception exception, string logId, long sequence);

    private readonly record struct Page(IReadOnlyList<TEvent> Events, bool IsUpToDate, bool IsEnd, long Skipped);
}
