using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Grains.Runs.Log;
using Lcnn.Distributed.Model.Checkpoints;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>Drives one run from its spec to its final event.</summary>
/// <remarks>
/// Reentrant, because watchers wait inside it for events. The phase decides who goes on after an await: a launch only while it is
/// starting, an end only for the first of all that ask; the log takes nothing after its final event.
/// </remarks>
[Reentrant, KeepAlive, Immovable]
internal sealed partial class RunCoordinatorGrain(
    TransportHub transports, IRunLogStore logStore, TimeProvider clock, ILogger<RunCoordinatorGrain> logger)
    : Grain, IRunCoordinatorGrain, IWorkerReports
{
    private const int FirstGeneration = 1;
    private readonly Dictionary<int, WorkerFinished> _finished = [];
    private RunEventLog? _log;
    private RunSpec? _spec;
    private IReadOnlyList<IWorkerGrain> _workers = [];
    private RunPhase _phase = RunPhase.Unknown;
    private string _stopReason = "";
    private string? _snapshot;
    private long _step;
    private long _totalSteps;

    private string RunId => this.GetPrimaryKeyString();

    private RunEventLog Log => _log!;

    public override async Task OnActivateAsync(CancellationToken cancellationToken) =>
        _log = await RunEventLog.OpenAsync(RunId, logStore, clock, logger, cancellationToken: cancellationToken);

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _log?.Dispose();
        return Task.CompletedTask;
    }

    public Task<RunStatus> StartAsync(RunSpec spec, CancellationToken cancellationToken)
    {
        if (_spec is null)
        {
            var problems = spec.Validate();
            if (problems.Count > 0)
            {
                throw new InvalidSpecException(problems);
            }

            _spec = spec with { OutputDirectory = spec.OutputDirectory.Length == 0 ? Path.Combine("runs", RunId) : spec.OutputDirectory };
            _phase = RunPhase.Starting;
            LaunchAsync(_spec).Ignore();
        }

        return GetStatusAsync(cancellationToken);
    }

    public IAsyncEnumerable<RunEvent> WatchAsync(long afterSequence, CancellationToken cancellationToken) => Log.WatchAsync(afterSequence, cancellationToken);

    public async Task CancelAsync(string reason, CancellationToken cancellationToken)
    {
        if (_phase is RunPhase.Starting or RunPhase.Training)
        {
            var before = _phase;
            (_phase, _stopReason) = (RunPhase.Stopping, reason);
            if (before == RunPhase.Starting || !await StopAsync(cancellationToken))
            {
                EndAsync(Cancelled()).Ignore();
            }
        }
    }

    public Task<RunStatus> GetStatusAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new RunStatus(RunId, _phase, _step, _totalSteps, Log.LastSequence));

    public Task ReportStepsAsync(int generation, IReadOnlyList<StepCompleted> steps, CancellationToken cancellationToken)
    {
        // A retried report may bring steps that arrived before.
        foreach (var step in steps.Where(step => step.Step > _step))
        {
            _step = step.Step;
            Emit(step);
        }

        return Task.CompletedTask;
    }

    public Task ReportEpochAsync(int generation, EpochCompleted epoch, CancellationToken cancellationToken) => EmitAsync(epoch);

    public Task CommitSnapshotAsync(int generation, SnapshotCommitted snapshot, CancellationToken cancellationToken)
    {
        _snapshot = snapshot.Path;
        return EmitAsync(snapshot);
    }

    public Task ReportCurvatureAsync(int generation, CurvatureProgressed progress, CancellationToken cancellationToken) => EmitAsync(progress);

    public Task ReportDownloadAsync(int generation, DataSetDownloading progress, CancellationToken cancellationToken) => EmitAsync(progress);

    public Task ReportWarningAsync(int generation, string message, CancellationToken cancellationToken) => EmitAsync(new RunWarning { Message = message });

    // Reports do not wait for the end they bring about: ending waits until the reporting worker's queue is empty.
    public Task ReportFinishedAsync(int generation, WorkerFinished finished, CancellationToken cancellationToken)
    {
        _finished[finished.Report.Rank] = finished;
        if (_finished.Count == _workers.Count)
        {
            var leader = _finished[0];
            EndAsync(leader.Results is { } results && !leader.Stopped
                ? results with { Ranks = [.. _finished.OrderBy(entry => entry.Key).Select(entry => entry.Value.Report)] }
                : Cancelled()).Ignore();
        }

        return Task.CompletedTask;
    }

    public Task ReportFailedAsync(int generation, int rank, string error, bool badInput, CancellationToken cancellationToken)
    {
        EndAsync(new RunFailed { Error = error, BadInput = badInput }).Ignore();
        return Task.CompletedTask;
    }

    private async Task<bool> StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _workers[0].StopAsync(cancellationToken);
        }
        catch when (_phase == RunPhase.Stopping)
        {
            _phase = RunPhase.Training; // so that the caller can ask again
            throw;
        }
    }

    private async Task LaunchAsync(RunSpec spec)
    {
        var warnings = new List<string>();
        try
        {
            var resumeFrom = spec.ResumeFrom is null ? null : await Task.Run(() => RunSnapshots.FindResumable(spec, warnings.Add));
            warnings.ForEach(message => Emit(new RunWarning { Message = message }));
            _snapshot = resumeFrom;
            if (_phase != RunPhase.Starting)
            {
                return; // cancelled: nobody would tell the workers to leave
            }

            _workers = [.. Enumerable.Range(0, spec.Workers).Select(rank =>
                GrainFactory.GetGrain<IWorkerGrain>(GrainKeys.Worker(RunId, FirstGeneration, rank)))];
            var threads = spec.ThreadsPerWorker > 0 ? spec.ThreadsPerWorker : Math.Max(1, Environment.ProcessorCount / spec.Workers);
            var joined = await Task.WhenAll(_workers.Select((worker, rank) => worker.JoinAsync(
                new WorkerAssignment(RunId, FirstGeneration, rank, spec.Workers, spec, threads, resumeFrom), CancellationToken.None)));
            if (_phase == RunPhase.Starting)
            {
                await BeginAsync(spec, joined, threads);
            }
        }
        catch (Exception exception)
        {
            LogLaunchFailed(exception);
            await EndAsync(new RunFailed { Error = exception.Message, BadInput = exception is WorkerInputException or CheckpointException });
        }
    }

    private async Task BeginAsync(RunSpec spec, WorkerJoined[] joined, int threads)
    {
        RunFingerprints.Check(joined, spec.AllowMixed);
        var leader = joined[0];
        _totalSteps = (long)leader.StepsPerEpoch * spec.Epochs;
        _step = leader.ResumedAtStep;
        _phase = RunPhase.Training;
        Emit(new RunStarted
        {
            Spec = spec,
            TotalSteps = _totalSteps,
            StepsPerEpoch = leader.StepsPerEpoch,
            ResumedAtStep = leader.ResumedAtStep,
            TrainSamples = leader.TrainSamples,
            TestSamples = leader.TestSamples,
            ParameterCount = leader.ParameterCount,
            BatchNorm = spec.LogicalShards == 1 ? "batch" : "shard",
            Fingerprint = leader.Fingerprint,
            Generation = FirstGeneration,
            Ranks = [.. joined.Select(worker => RunFingerprints.Describe(worker, spec, threads))],
        });
        await Task.WhenAll(_workers.Select(worker => worker.BeginAsync(CancellationToken.None)));
    }

    private async Task EndAsync(RunEvent final)
    {
        if (_phase is RunPhase.Completed or RunPhase.Failed or RunPhase.Cancelled)
        {
            return;
        }

        _phase = final switch { RunCompleted => RunPhase.Completed, RunFailed => RunPhase.Failed, _ => RunPhase.Cancelled };
        // Workers first: their last reports, such as a snapshot's commit, belong before the final event.
        await LeaveAsync();
        if (final is RunCompleted completed)
        {
            await WriteReportAsync(completed with { RunId = RunId, Time = clock.GetUtcNow() });
        }

        Emit(final switch
        {
            RunCancelled cancelled => cancelled with { Snapshot = _snapshot, Step = _step },
            RunFailed failed => failed with { Snapshot = _snapshot },
            _ => final,
        });
    }

    // Whatever fails here, the final event must follow: watchers wait for it.
    private async Task LeaveAsync()
    {
        try
        {
            await Task.WhenAll(_workers.Select(worker => worker.LeaveAsync(CancellationToken.None)));
        }
        catch (Exception exception)
        {
            LogLeaveFailed(exception);
        }

        transports.Close(RunId, FirstGeneration);
    }

    private async Task WriteReportAsync(RunCompleted completed)
    {
        try
        {
            await Task.Run(() => RunReportFile.Write(completed));
        }
        catch (Exception exception)
        {
            Emit(new RunWarning { Message = $"{RunReportFile.Name} could not be written to {completed.Spec.OutputDirectory}: {exception.Message}" });
        }
    }

    private RunCancelled Cancelled() => new() { Reason = _stopReason };

    private void Emit(RunEvent runEvent)
    {
        if (!Log.IsComplete)
        {
            Log.Append(runEvent);
        }
    }

    private Task EmitAsync(RunEvent runEvent)
    {
        Emit(runEvent);
        return Task.CompletedTask;
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The run could not be launched")]
    private partial void LogLaunchFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A worker did not leave")]
    private partial void LogLeaveFailed(Exception exception);
}
