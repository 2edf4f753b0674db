using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>The run's stored record. What is read here is stored: no directive leaves before the write that it follows from.</summary>
/// <remarks>One write at a time; while the storage is away a write waits. A record changed by somebody else ends this coordinator.</remarks>
internal sealed partial class RunAuthority(string runId, IPersistentState<RunRecord> stored, TimeProvider clock, ILogger logger)
{
    private readonly Guid _writer = Guid.NewGuid();
    private Task _lastWrite = Task.CompletedTask;

    /// <summary>The record as it was last stored.</summary>
    public RunRecord Record { get; private set; } = stored.State;

    /// <summary>Stores a changed record.</summary>
    /// <exception cref="RunSupersededException">Another coordinator has taken over.</exception>
    public Task WriteAsync(Func<RunRecord, RunRecord> change, CancellationToken cancellationToken) =>
        _lastWrite = WriteAsync(_lastWrite, change, cancellationToken);

    private async Task WriteAsync(Task earlier, Func<RunRecord, RunRecord> change, CancellationToken cancellationToken)
    {
        await earlier.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        var next = change(Record) with { Number = Record.Number + 1, Writer = _writer };
        for (var attempt = 0; !await TryWriteAsync(next, attempt); attempt++)
        {
            await Backoff.WaitAsync(attempt, clock, cancellationToken);
        }

        Record = next;
    }

    private async Task<bool> TryWriteAsync(RunRecord next, int attempt)
    {
        try
        {
            stored.State = next;
            await stored.WriteStateAsync();
            return true;
        }
        catch (InconsistentStateException exception)
        {
            return await IsOwnWriteAsync(next) ? true : throw new RunSupersededException(runId, exception);
        }
        catch (Exception exception)
        {
            LogWriteFailed(attempt == 0 ? LogLevel.Warning : LogLevel.Debug, exception, runId);
            return false;
        }
    }

    // An earlier attempt whose answer was lost may have been stored.
    private async Task<bool> IsOwnWriteAsync(RunRecord next)
    {
        await stored.ReadStateAsync();
        return stored.State.Writer == _writer && stored.State.Number == next.Number;
    }

    [LoggerMessage(Message = "Run {RunId}: its record could not be stored; it is tried again")]
    private partial void LogWriteFailed(LogLevel level, Exception exception, string runId);
}
