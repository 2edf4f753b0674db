using Lcnn.Distributed.Contracts;

namespace Lcnn.Distributed.Client;

/// <summary>One attempt at following a log: ends well, or says why the connection was lost.</summary>
/// <remarks>
/// A silo that dies with the log's grain answers nothing, and Orleans waits half a minute for it: where no event comes for a while, the
/// grain, wherever it is by now, is asked how far its log is. An event that is there and does not come means that this attempt is lost.
/// </remarks>
internal sealed class EventSource<TEvent>(
    IWatchedLog<TEvent> log, long afterSequence, bool isAgain, TimeProvider clock, CancellationToken cancellationToken) : IAsyncDisposable
    where TEvent : class, INumberedEvent
{
    private static readonly TimeSpan _silence = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource _leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    private long _position = afterSequence;
    private bool _hasNothingNew;
    private IAsyncEnumerator<TEvent>? _events;
    private Task<bool> _next = Task.FromResult(false);

    public TEvent Current => _events!.Current;

    /// <summary>Whether the grain has answered this attempt.</summary>
    public bool IsAnswered { get; private set; }

    /// <summary>Whether nothing is wrong: no event came for so long that Orleans gave up the call, and the grain, which answered meanwhile, has none.</summary>
    public bool IsQuiet => Lost is TimeoutException && _hasNothingNew;

    /// <summary>Why reading stopped early; null when the log ended.</summary>
    public Exception? Lost { get; private set; }

    public async Task<bool> ReadAsync()
    {
        try
        {
            if (_events is null && isAgain)
            {
                await AskAsync();
            }

            _events ??= log.WatchAsync(_position, _leaving.Token).GetAsyncEnumerator(_leaving.Token);
            _next = _events.MoveNextAsync().AsTask();
            var hasNext = await WaitAsync(_next);
            _position = hasNext ? Current.Sequence : _position;
            return hasNext;
        }
        catch (Exception exception) when (Backoff.IsTransient(exception) && !cancellationToken.IsCancellationRequested)
        {
            Lost = exception;
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Lost is null && _next.IsCompleted)
        {
            await DisposeEventsAsync();
            return;
        }

        // Nobody waits for an answer from the other end, which may be gone.
        await _leaving.CancelAsync();
        _next.ContinueWith(_ => DisposeEventsAsync(), TaskScheduler.Default).Unwrap().Ignore();
    }

    private async Task DisposeEventsAsync()
    {
        if (_events is not null)
        {
            await _events.DisposeAsync();
        }

        _leaving.Dispose();
    }

    private async Task<bool> WaitAsync(Task<bool> next)
    {
        var newestBefore = _position;
        _hasNothingNew = false;
        while (!await IsDoneAsync(next))
        {
            _hasNothingNew = false;
            var newest = await AskAsync();
            _hasNothingNew = newest <= _position;
            if (newestBefore > _position && !next.IsCompleted)
            {
                throw new TimeoutException($"event {_position + 1} is logged and does not come");
            }

            newestBefore = newest;
        }

        return await next;
    }

    private async Task<bool> IsDoneAsync(Task next)
    {
        try
        {
            await next.WaitAsync(_silence, clock, cancellationToken);
            return true;
        }
        catch (TimeoutException) when (!next.IsCompleted)
        {
            return false;
        }
    }

    private async Task<long> AskAsync()
    {
        var last = await log.GetLastSequenceAsync(cancellationToken).WaitAsync(_silence, clock, cancellationToken);
        IsAnswered = true;
        return last;
    }
}
