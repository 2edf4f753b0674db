using Lcnn.Distributed.Contracts.Runs;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace Lcnn.Distributed.Grains.Storage;

/// <summary>The stored record of a run or sweep. What is read here is stored: no directive leaves before the write that it follows from.</summary>
/// <remarks>
/// One write at a time; while the storage is away a write waits. One that the storage refuses for good is given up after a while
/// (<see cref="Refusals"/>). A record changed by somebody else ends this activation: the refused write
/// has read the other's ETag, so every later one is refused here, as the storage would let it pass.
/// </remarks>
internal sealed partial class RecordAuthority<TRecord>(string id, IPersistentState<TRecord> stored, TimeProvider clock, ILogger logger)
    where TRecord : IStoredRecord<TRecord>
{
    private readonly TaskCompletionSource<RecordSupersededException> _superseded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Refusals _refusals = new(clock);
    private Task _lastWrite = Task.CompletedTask;
    private long? _storingSince;
    private string? _problem;

    /// <summary>The record as it was last stored.</summary>
    public TRecord Record { get; private set; } = stored.State;

    /// <summary>How long the write at hand has been waiting for the storage; zero when there is none.</summary>
    public TimeSpan HeldUp => _storingSince is { } since ? clock.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>Why the write at hand is held up, as far as is known.</summary>
    public string Problem => _problem ?? "the storage does not answer";

    /// <summary>Why the storage refuses the write at hand; null while it does not.</summary>
    public StoreRefusedException? Refusal => _refusals.Current;

    /// <summary>Completes when another silo turns out to write this record; else never.</summary>
    public Task<RecordSupersededException> Superseded => _superseded.Task;

    /// <summary>Stores a changed record. The change sees the record as it is when its turn has come, and throws if it no longer applies.</summary>
    /// <exception cref="RecordSupersededException">Another silo has taken over.</exception>
    /// <exception cref="StoreRefusedException">The storage has refused it for too long.</exception>
    public Task WriteAsync(Func<TRecord, TRecord> change, CancellationToken cancellationToken) =>
        _lastWrite = WriteAsync(_lastWrite, change, cancellationToken);

    private async Task WriteAsync(Task earlier, Func<TRecord, TRecord> change, CancellationToken cancellationToken)
    {
        await earlier.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (_superseded.Task.IsCompletedSuccessfully)
        {
            throw await _superseded.Task;
        }

        cancellationToken.ThrowIfCancellationRequested();
        var next = change(Record).Stamped(Record.Number + 1, Guid.NewGuid());
        (_storingSince, _problem) = (clock.GetTimestamp(), null);
        try
        {
            for (var attempt = 0; !await TryWriteAsync(next, attempt); attempt++)
            {
                await Backoff.WaitAsync(attempt, clock, cancellationToken);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            _storingSince = null;
            _refusals.Clear();
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
            _problem = exception.Message;
            LogWriteFailed(attempt == 0 ? LogLevel.Warning : LogLevel.Debug, exception, id);
            _refusals.Note(exception, $"the record of {id}");
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
                var superseded = new RecordSupersededException(id, exception);
                _superseded.TrySetResult(superseded);
                throw superseded;
            }
        }
    }

    // An earlier attempt whose answer was lost may have been stored. A write that was given up is not this one: its content is not ours to take for it.
    private async Task<bool> IsOwnWriteAsync(TRecord next)
    {
        await stored.ReadStateAsync();
        return stored.State.WriteId == next.WriteId;
    }

    [LoggerMessage(Message = "{Id}: its record could not be stored; it is tried again")]
    private partial void LogWriteFailed(LogLevel level, Exception exception, string id);
}
