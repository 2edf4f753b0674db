using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Grains.Runs.Log;

/// <summary>The epochs and the end of a run as its log has them; each event of the log is read once, however often it is asked.</summary>
internal sealed class EpochIndex(string runId, IRunLogStore store, int pageSize = 1024)
{
    private RunMetrics _known = new() { RunId = runId };
    private long _position;
    private Task _reading = Task.CompletedTask;

    /// <summary>Everything up to a stored event.</summary>
    public Task<RunMetrics> ReadAsync(long upTo, CancellationToken cancellationToken)
    {
        var read = ReadAsync(_reading, upTo, cancellationToken);
        _reading = read;
        return read;
    }

    private async Task<RunMetrics> ReadAsync(Task earlier, long upTo, CancellationToken cancellationToken)
    {
        await earlier.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        await Task.Run(() => GoOnAsync(upTo, cancellationToken), cancellationToken);
        return _known;
    }

    // A page counts as a whole, so that a store that goes away in between leaves nothing to mend.
    private async Task GoOnAsync(long upTo, CancellationToken cancellationToken)
    {
        while (_position < upTo && await store.ReadAfterAsync(runId, _position, pageSize, cancellationToken) is { Count: > 0 } page)
        {
            _known = _known with
            {
                Epochs = [.. _known.Epochs, .. page.OfType<EpochCompleted>()],
                HasAllEpochs = _known.HasAllEpochs && page[0].Sequence == _position + 1,
                Final = page[^1].IsFinal ? page[^1] : null,
            };
            _position = page[^1].Sequence;
        }
    }
}
