using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace Lcnn.Distributed.Grains.Storage;

/// <summary>The stored record of a run or sweep. What is read here is stored: no directive leaves before the write that it follows from.</summary>
/// <remarks>One write at a time; while the storage is away a write waits. A record changed by somebody else ends this activation.</remarks>
internal sealed partial class RecordAuthority<TRecord>(string id, IPersistentState<TRecord> stored, TimeProvider clock, ILogger logger)
    where TRecord : IStoredRecord<TRecord>
{
    private readonly Guid _writer = Guid.NewGuid();
    private Task _lastWrite = Task.CompletedTask;

    /// <summary>The record as it was last stored.</summary>
    public TRecord Record { get; private set; } = stored.State;

    /// <summary>Stores a changed record.</summary>
    /// <exception cref="RecordSupersededException">Another silo has taken over.</exception>
    public Task WriteAsync(Func<TRecord, TRecord> change, CancellationToken cancellationToken) =>
        _lastWrite = WriteAsync(_lastWrite, change, cancellationToken);

    private async Task WriteAsync(Task earlier, Func<TRecord, TRecord> change, CancellationToken cancellationToken)
    {
        await earlier.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        var next = change(Record).Stamped(Record.Number + 1, _writer);
        for (var attempt = 0; !await TryWriteAsync(next, attempt); attempt++)
        {
            await Backoff.WaitAsync(attempt, clock, cancellationToken);
        }

        Record = next;
    }

    private async Task<bool> TryWriteAsync(TRecord next, int attempt)
    {
        try
        {
            await StoreAsync(next);
            return true;
        }
        catch (Exception exception) when (exception is not RecordSupersededException)
        {
            LogWriteFailed(attempt == 0 ? LogLevel.Warning : LogLevel.Debug, exception, id);
            return false;
        }
    }

    private async Task StoreAsync(TRecord next)
    {
        try
        {
            stored.State = next;
            await stored.WriteStateAsync();
        }
        catch (InconsistentStateException exception)
        {
            if (!await IsOwnWriteAsync(next))
            {
                throw new RecordSupersededException(id, exception);
            }
        }
    }

    // An earlier attempt whose answer was lost may have been stored.
    private async Task<bool> IsOwnWriteAsync(TRecord next)
    {
        await stored.ReadStateAsync();
        return stored.State.Writer == _writer && stored.State.Number == next.Number;
    }

    [LoggerMessage(Message = "{Id}: its record could not be stored; it is tried again")]
    private partial void LogWriteFailed(LogLevel level, Exception exception, string id);
}
