using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Client;

/// <summary>One attempt at following a run's log: ends well, or says why the connection was lost.</summary>
internal sealed class EventSource(
    IRunCoordinatorGrain coordinator, long afterSequence, bool isAgain, CancellationToken cancellationToken) : IAsyncDisposable
{
    private IAsyncEnumerator<RunEvent>? _events;

    /// <summary>The event just read.</summary>
    public RunEvent Current => _events!.Current;

    /// <summary>Why reading stopped early; null when the log ended.</summary>
    public Exception? Lost { get; private set; }

    public async Task<bool> ReadAsync()
    {
        try
        {
            if (_events is null && isAgain)
            {
                await CheckStillKnownAsync();
            }

            _events ??= coordinator.WatchAsync(afterSequence, cancellationToken).GetAsyncEnumerator(cancellationToken);
            return await _events.MoveNextAsync();
        }
        catch (Exception exception) when (Backoff.IsTransient(exception) && !cancellationToken.IsCancellationRequested)
        {
            Lost = exception;
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_events is null)
        {
            return;
        }

        try
        {
            await _events.DisposeAsync();
        }
        catch (Exception exception) when (Lost is not null || Backoff.IsTransient(exception))
        {
            // The other end is gone already.
        }
    }

    // A coordinator that came back without its record would let a watcher wait for ever.
    private async Task CheckStillKnownAsync()
    {
        var status = await coordinator.GetStatusAsync(cancellationToken);
        if (status.Phase == RunPhase.Unknown)
        {
            throw new RunNotFoundException(status.RunId, "the silo that held its record was lost; go on from its folder with --resume");
        }
    }
}
