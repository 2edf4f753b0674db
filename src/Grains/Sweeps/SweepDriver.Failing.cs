using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>What becomes of a sweep whose scheduling itself fails: it is tried again from its record, and given up when that leads nowhere.</summary>
/// <remarks>Storage that is away and runs that do not answer are waited for and are no such failure; nor is a silo that has lost the sweep to another.</remarks>
internal sealed partial class SweepDriver
{
    private const int MaxFailures = 3;
    private const int StopAttempts = 10;

    private long _storedProgress = board.Progress;

    // The board may be half changed, so it is for the next activation to go on, or to end the sweep if this was the last try.
    private Task CountFailureAsync(Exception exception)
    {
        var reason = Describe(exception);
        return authority.WriteAsync(
            record =>
            {
                var failures = _storedProgress > record.FailureProgress ? 1 : record.Failures + 1;
                return record with
                {
                    Failures = failures,
                    FailureProgress = _storedProgress,
                    StopReason = failures < MaxFailures ? record.StopReason : reason,
                };
            },
            cancellationToken);
    }

    private async Task FailAsync(string reason)
    {
        LogFailed(reason);
        await Task.WhenAll(board.Running.Select(trial => StopRunAsync(trial.Entry.RunId)).ToList());
        await claim.ReleaseAsync();
        board.Fail(reason);
        await StoreAsync();
    }

    // One that cannot be told ends by itself.
    private async Task StopRunAsync(string runId)
    {
        for (var attempt = 0; attempt < StopAttempts; attempt++)
        {
            try
            {
                await runs(runId).CancelAsync($"sweep {board.SweepId} failed", cancellationToken);
                return;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                LogRunNotStopped(exception, runId);
                await Backoff.WaitAsync(attempt, clock, cancellationToken);
            }
        }
    }

    private string Describe(Exception exception)
    {
        var (where, what) = exception is TrialSchedulingException trial
            ? ($"at trial {trial.Number}", trial.Message)
            : ($"with {board.Trials.Count} trials begun", $"{exception.GetType().Name}: {exception.Message}");
        return $"sweep {board.SweepId} could not be scheduled: {MaxFailures} tries in a row failed without progress, the last {where}: {what.TrimEnd('.')}. "
            + "Its runs were stopped, and finished trials keep their results. The silo's log has the whole error, which is the program's and should be reported; "
            + "start the sweep again, and if it fails at the same trial, without that trial's parameters";
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Reason}")]
    private partial void LogFailed(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Run {RunId} of a failed sweep could not be told to stop")]
    private partial void LogRunNotStopped(Exception exception, string runId);
}
