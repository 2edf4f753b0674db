using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Grains.Telemetry;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>How a generation ends, and how a run does.</summary>
internal sealed partial class RunDriver
{
    // Its end is recorded before a worker is told: a coordinator that was superseded learns it there, and has none of them leave.
    private async Task DismissAsync(RunGeneration generation, Func<RunRecord, RunRecord> conclude)
    {
        await authority.WriteAsync(record => conclude(record) with { ConcludedGeneration = generation.Number }, cancellationToken);
        await workers.LeaveAsync(generation, cancellationToken);
    }

    private async Task ConcludeAsync(RunGeneration generation, GenerationEnd end)
    {
        switch (end)
        {
            case GenerationEnd.Lost lost:
                LogLost(runId, generation.Number, lost.Reason);
                _reason = lost.Reason;
                _avoided.Lose(lost.Avoid);
                var isSiloLoss = lost.IsSiloGone || lost.Avoid is not null || !await workers.AnswersAsync(lost.Silo, cancellationToken);
                var step = Math.Max(_history.Step, generation.Step);
                BeginRecovery(isSiloLoss ? "silo_lost" : "rank_lost", lost.Reason);
                await DismissAsync(generation, record => Recoveries.Count(record, step, isSiloLoss));
                break;
            case GenerationEnd.Refused refused:
                LogLost(runId, generation.Number, refused.Reason);
                _reason = refused.Reason;
                _avoided.Refuse(refused.Silo);
                Warn(refused.Reason);
                BeginRecovery("silo_refused", refused.Reason);
                await DismissAsync(generation, static record => record);
                break;
            default:
                await DismissAsync(generation, static record => record);
                _reason = _regroup ?? "the workers were regrouped";
                if (_regroup is not null)
                {
                    BeginRecovery("regrouped", _reason);
                }

                break;
        }

        _regroup = null;
        await EndAfterAsync(end);
    }

    // From here to where the next generation begins.
    private void BeginRecovery(string kind, string reason)
    {
        Measures.CountRecovery(kind);
        EndRecovery();
        _recovery = Measures.BeginSpan("lcnn.recovery", runId)?.SetTag("lcnn.recovery.kind", kind).SetTag("lcnn.recovery.reason", reason);
    }

    private void EndRecovery()
    {
        _recovery?.Dispose();
        _recovery = null;
    }

    // With the last reports of the workers, which have left.
    private Task EndAfterAsync(GenerationEnd end) => end switch
    {
        GenerationEnd.Broken broken => EndAsync(new RunFailed { Error = broken.Error, BadInput = broken.BadInput }),
        GenerationEnd.Finished { Ranks: [{ Stopped: false, Results: { } results }, ..] } finished => EndAsync(results with { Ranks = ReportsOf(finished) }),
        GenerationEnd.Finished { Ranks: [{ Stopped: true, Step: var step }, ..] } paused when step == PauseStep =>
            EndAsync(Cancelled() with { Reason = $"paused after epoch {Spec.PauseAfterEpoch}", Step = step, Ranks = ReportsOf(paused) }),
        _ when Record.StopReason.Length > 0 => EndAsync(Cancelled() with { Ranks = end is GenerationEnd.Finished stopped ? ReportsOf(stopped) : [] }),
        GenerationEnd.Lost => EndIfHopelessAsync(),
        _ => Task.CompletedTask,
    };

    private Task EndIfHopelessAsync() => Recoveries.Objection(Record, options) is { } objection
        ? EndAsync(new RunFailed { Error = $"{objection}; {_reason}" })
        : Task.CompletedTask;

    private long PauseStep => Spec.PauseAfterEpoch == 0 ? -1 : Record.TotalSteps / Spec.Epochs * Spec.PauseAfterEpoch;

    private async Task EndAsync(RunEvent final)
    {
        final = final switch
        {
            RunFailed failed => failed with { Snapshot = Record.CommittedSnapshot?.Path },
            _ => final,
        };
        await authority.WriteAsync(record => record with { FinalEventJson = RunEventJson.Serialize(final) }, cancellationToken);
        await FinishAsync(final);
    }

    // May be repeated by another coordinator, if this one is lost in between.
    private async Task FinishAsync(RunEvent final)
    {
        if (final is RunCompleted completed)
        {
            await WriteReportAsync(completed with { RunId = runId, Time = clock.GetUtcNow() });
        }

        EndRecovery();
        if (await series.CompleteAsync(final) is { } problem)
        {
            Warn($"{SnapshotFiles.Series}, the history of the run, is not whole: {problem}");
        }

        await claim.ReleaseAsync(); // before anybody hears of the end, and goes on in the folder
        log.Append(final);
        await log.FlushAsync(cancellationToken);
        Phase = final switch { RunCompleted => RunPhase.Completed, RunFailed => RunPhase.Failed, _ => RunPhase.Cancelled };
        await authority.WriteAsync(record => record with { Ended = true, Phase = Phase }, cancellationToken);
    }

    private async Task WriteReportAsync(RunCompleted completed)
    {
        try
        {
            if (await claim.FindOtherAsync(cancellationToken) is { } other)
            {
                Warn($"{RunReportFile.Name} is not written: {LostFolder(other).Error}");
                return;
            }

            await Task.Run(() => RunReportFile.Write(completed), cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            Warn($"{RunReportFile.Name} could not be written to {completed.Spec.OutputDirectory}: {exception.Message}");
        }
    }

    private void Warn(string message) => log.Append(new RunWarning { Message = message });

    private static IReadOnlyList<RankReport> ReportsOf(GenerationEnd.Finished finished) => [.. finished.Ranks.Select(rank => rank.Report)];

    private RunCancelled Cancelled() => new() { Reason = Record.StopReason, Snapshot = Record.CommittedSnapshot?.Path, Step = _history.Step };

    [LoggerMessage(Level = LogLevel.Warning, Message = "Run {RunId}: generation {Generation} ended: {Reason}")]
    private partial void LogLost(string runId, int generation, string reason);
}
