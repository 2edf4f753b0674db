using System.Text.Json;
using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Grains.EventLogs;
using Lcnn.Distributed.Grains.Storage;
using Lcnn.Distributed.Model.Checkpoints;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>Takes one run from its record to its final event, generation after generation.</summary>
/// <remarks>
/// A generation is placed, recorded, joined, begun and watched over; when it ends, its workers leave, and either the run ends with it or
/// the next one goes on from the newest committed snapshot. One loop does all that; calls from outside only store a wish (to stop, to
/// regroup) and end the generation at hand, and the loop finds the wish. It runs in the coordinator's turns, interleaved with reports.
/// </remarks>
internal sealed partial class RunDriver(
    string runId, RecordAuthority<RunRecord> authority, RunEventLog log, RunWorkers workers, RunPlacement placement, SharedFolder folder,
    RunOptions options, TimeProvider clock, ILogger logger, CancellationToken cancellationToken)
{
    private readonly RunHistory _history = new(log);
    private readonly TaskCompletionSource _stopAsked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string _reason = "";
    private string? _regroup;
    private string? _avoid;
    private bool _hasBegun;
    private int _recordedEpoch = authority.Record.EpochsJson is [.., var newest] ? ((EpochCompleted)RunEventJson.Deserialize(newest)).Epoch : 0;
    private int _steppingGeneration;
    private bool _isAnnounced = log.Tail.LastGeneration > 0;

    /// <summary>The generation at hand; null between two.</summary>
    public RunGeneration? Generation { get; private set; }

    /// <summary>What the run has got done.</summary>
    public RunHistory History => _history;

    /// <summary>Where the run stands.</summary>
    public RunPhase Phase { get; private set; } = authority.Record.Phase;

    private RunRecord Record => authority.Record;

    /// <summary>What is trained.</summary>
    public RunSpec Spec { get; } = JsonSerializer.Deserialize<RunSpec>(authority.Record.SpecJson, RunEventJson.Options)!;

    /// <summary>Runs to the end.</summary>
    public async Task DriveAsync()
    {
        LogTakenUp(runId, Record.Generation);
        if (Record.FinalEventJson is { } decided)
        {
            await FinishAsync(RunEventJson.Deserialize(decided));
            return;
        }

        try
        {
            await FindResumedAsync();
            var adopted = await AdoptAsync();
            while (!await GoOnAsync(adopted))
            {
                adopted = null;
            }
        }
        catch (Exception exception) when (exception is WorkerInputException or CheckpointException or GangTooLargeException)
        {
            await EndAsync(new RunFailed { Error = exception.Message, BadInput = true });
        }
        catch (Exception exception) when (exception is not (RecordSupersededException or EventLogSupersededException) && !cancellationToken.IsCancellationRequested)
        {
            LogDriveFailed(exception);
            await EndAsync(new RunFailed { Error = exception.Message });
        }
    }

    /// <summary>Asks for the end with a snapshot; the wish is stored when this returns.</summary>
    public async Task CancelAsync(string reason)
    {
        if (Record.FinalEventJson is not null || Record.StopReason.Length > 0)
        {
            return;
        }

        await authority.WriteAsync(record => record with { StopReason = reason.Length > 0 ? reason : "cancelled", Phase = RunPhase.Stopping }, cancellationToken);
        Phase = RunPhase.Stopping;
        _stopAsked.TrySetResult();
        await StopGenerationAsync();
    }

    /// <summary>Stores an evaluated epoch; a replay's changes nothing.</summary>
    public async Task TakeAsync(EpochCompleted epoch)
    {
        if (epoch.Epoch > _recordedEpoch)
        {
            _recordedEpoch = epoch.Epoch;
            var json = RunEventJson.Serialize(epoch);
            await authority.WriteAsync(record => record with { EpochsJson = [.. record.EpochsJson, json] }, cancellationToken);
        }

        _history.Take(epoch);
    }

    /// <summary>Asks for another membership from the next step on.</summary>
    public async Task RegroupAsync(string reason)
    {
        if (_regroup is null && Record.StopReason.Length == 0)
        {
            _regroup = reason;
            await StopGenerationAsync();
        }
    }

    /// <summary>Steps of the generation on record, in order; a replay's are not told again.</summary>
    public void Take(IReadOnlyList<StepCompleted> steps)
    {
        if (_steppingGeneration != Record.Generation && steps.Count > 0)
        {
            _steppingGeneration = Record.Generation;
            LogSteps(runId, Record.Generation, steps[0].Step);
        }

        _history.Take(steps);
    }

    /// <summary>Stores a snapshot as committed; a repeated one changes nothing.</summary>
    public async Task CommitAsync(SnapshotCommitted snapshot)
    {
        if (Record.CommittedSnapshot?.Path != snapshot.Path)
        {
            await authority.WriteAsync(record => record with
            {
                PreviousSnapshot = record.CommittedSnapshot,
                CommittedSnapshot = new SnapshotRecord
                {
                    Path = snapshot.Path,
                    Step = snapshot.Step,
                    Generation = record.Generation,
                    WeightsSha256 = snapshot.WeightsSha256,
                },
            }, cancellationToken);
        }

        _history.Take(snapshot);
        await log.FlushAsync(cancellationToken);
    }

    /// <summary>Regroups if the run has fewer workers than it wants and slots are free.</summary>
    public async Task ConsiderGrowingAsync()
    {
        var missing = Spec.Workers - Record.Members.Count;
        if (missing > 0 && Math.Min(missing, await placement.CountFreeAsync(_avoid, cancellationToken)) is var gained and > 0)
        {
            await RegroupAsync($"{gained} more slots are free");
        }
    }

    // Whether the run has ended.
    private async Task<bool> GoOnAsync(RunGeneration? adopted)
    {
        if (adopted is null && await AwaitSlotsAsync() is { } slots)
        {
            adopted = await RecordGenerationAsync(slots);
        }

        if (adopted is null)
        {
            await EndAsync(Cancelled());
            return true;
        }

        Generation = adopted;
        var watching = placement.WatchAsync(adopted, cancellationToken);
        if (!_hasBegun)
        {
            await LaunchAsync(adopted);
        }

        if (Record.StopReason.Length > 0 || _regroup is not null)
        {
            await StopGenerationAsync();
        }

        var end = await watching;
        (Generation, _hasBegun) = (null, false);
        return await ConcludeAsync(adopted, end);
    }

    private async Task<bool> ConcludeAsync(RunGeneration generation, GenerationEnd end)
    {
        if (end is GenerationEnd.Lost lost)
        {
            (_reason, _avoid) = (lost.Reason, lost.Avoid);
            LogLost(runId, generation.Number, lost.Reason);
        }

        await workers.LeaveAsync(generation, cancellationToken);
        switch (end)
        {
            case GenerationEnd.Broken broken:
                await EndAsync(new RunFailed { Error = broken.Error, BadInput = broken.BadInput });
                return true;
            case GenerationEnd.Finished { Ranks: [{ Stopped: false, Results: { } results }, ..] } finished:
                await EndAsync(results with { Ranks = ReportsOf(finished) });
                return true;
            case GenerationEnd.Finished { Ranks: [{ Stopped: true, Step: var step }, ..] } paused when step == PauseStep:
                await EndAsync(Cancelled() with { Reason = $"paused after epoch {Spec.PauseAfterEpoch}", Step = step, Ranks = ReportsOf(paused) });
                return true;
            case var _ when Record.StopReason.Length > 0:
                await EndAsync(Cancelled() with { Ranks = end is GenerationEnd.Finished stopped ? ReportsOf(stopped) : [] });
                return true;
            case GenerationEnd.Lost { IsSiloGone: var isSiloGone }:
                return await CountRecoveryAsync(generation, isSiloGone);
            default:
                _reason = _regroup ?? "the workers were regrouped";
                _regroup = null;
                return false;
        }
    }

    private long PauseStep => Spec.PauseAfterEpoch == 0 ? -1 : Record.TotalSteps / Spec.Epochs * Spec.PauseAfterEpoch;

    // A run that is lost again and again without a step in between would be lost for ever.
    private async Task<bool> CountRecoveryAsync(RunGeneration generation, bool isSiloGone)
    {
        _regroup = null;
        var step = Math.Max(_history.Step, generation.Step);
        var isAtSameStep = step <= Record.RecoveryStep && Record.RecoveriesAtStep > 0;
        var count = isAtSameStep ? Record.RecoveriesAtStep + 1 : 1;
        await authority.WriteAsync(record => record with
        {
            RecoveryCount = record.RecoveryCount + 1,
            RecoveryStep = Math.Max(step, record.RecoveryStep),
            RecoveriesAtStep = count,
        }, cancellationToken);
        if (count <= (isSiloGone ? options.MaxSiloLosses : options.MaxRecoveries))
        {
            return false;
        }

        await EndAsync(new RunFailed { Error = $"step {step + 1}: no progress after {count - 1} recoveries; {_reason}" });
        return true;
    }

    private async Task StopGenerationAsync()
    {
        if (Generation is not { } generation)
        {
            return;
        }

        try
        {
            if (!_hasBegun || !await workers.Of(generation.Number, generation.Members[0]).StopAsync(cancellationToken))
            {
                generation.Interrupt(); // nothing is lost by leaving at once
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogStopFailed(exception); // its loss is noticed by the watch, and the wish is kept
        }
    }

    private static IReadOnlyList<RankReport> ReportsOf(GenerationEnd.Finished finished) => [.. finished.Ranks.Select(rank => rank.Report)];

    private RunCancelled Cancelled() => new() { Reason = Record.StopReason, Snapshot = Record.CommittedSnapshot?.Path, Step = _history.Step };

    [LoggerMessage(Level = LogLevel.Information, Message = "Run {RunId}: this silo coordinates it from generation {Generation} on")]
    private partial void LogTakenUp(string runId, int generation);

    [LoggerMessage(Level = LogLevel.Information, Message = "Run {RunId}: generation {Generation} made its first step, {Step}")]
    private partial void LogSteps(string runId, int generation, long step);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Run {RunId}: generation {Generation} ended: {Reason}")]
    private partial void LogLost(string runId, int generation, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "A run could not be driven on")]
    private partial void LogDriveFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The leading rank could not be told to stop")]
    private partial void LogStopFailed(Exception exception);
}
