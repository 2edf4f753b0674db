using System.Runtime.CompilerServices;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Model.Checkpoints;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>Drives one run from its spec to its final event.</summary>
/// <remarks>
/// Reentrant, because watchers wait inside it for events. Every field is written between two awaits by one method each: the spec by
/// start, the phase and log by <see cref="Emit"/>, the finished ranks by their reports.
/// </remarks>
[Reentrant, KeepAlive, Immovable]
internal sealed partial class RunCoordinatorGrain(TransportHub transports, TimeProvider clock, ILogger<RunCoordinatorGrain> logger)
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

    private RunEventLog Log => _log ??= new RunEventLog(RunId, clock);

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

    public async IAsyncEnumerable<RunEvent> WatchAsync(long afterSequence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var appended = Log.Appended;
            foreach (var runEvent in Log.After(afterSequence))
            {
                afterSequence = runEvent.Sequence;
                yield return runEvent;
            }

            if (Log.IsComplete && Log.LastSequence <= afterSequence)
            {
                yield break;
            }

            await appended.WaitAsync(cancellationToken);
        }
    }

    public async Task CancelAsync(string reason, CancellationToken cancellationToken)
    {
        if (_phase is RunPhase.Starting or RunPhase.Training)
        {
            var training = _phase == RunPhase.Training;
            (_phase, _stopReason) = (RunPhase.Stopping, reason);
            if (!training || !await _workers[0].StopAsync(cancellationToken))
            {
                await EndAsync(Cancelled());
            }
        }
    }

    public Task<RunStatus> GetStatusAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new RunStatus(RunId, _phase, _step, _totalSteps, Log.LastSequence));

    public Task ReportStepsAsync(int generation, IReadOnlyList<StepCompleted> steps, CancellationToken cancellationToken)
    {
        foreach (var step in steps)
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

    public async Task ReportFinishedAsync(int generation, WorkerFinished finished, CancellationToken cancellationToken)
    {
        _finished[finished.Report.Rank] = finished;
        if (_finished.Count == _workers.Count)
        {
            var leader = _finished[0];
            await EndAsync(leader.Results is { } results && !leader.Stopped
                ? results with { Ranks = [.. _finished.OrderBy(entry => entry.Key).Select(entry => entry.Value.Report)] }
                : Cancelled());
        }
    }

    public Task ReportFailedAsync(int generation, int rank, string error, bool badInput, CancellationToken cancellationToken) =>
        EndAsync(new RunFailed { Error = error, BadInput = badInput, Snapshot = _snapshot });

    private async Task LaunchAsync(RunSpec spec)
    {
        try
        {
            var resumeFrom = spec.ResumeFrom is null ? null : await Task.Run(() => RunSnapshots.FindResumable(spec, Warn));
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

        void Warn(string message) => Emit(new RunWarning { Message = message });
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
        await Task.WhenAll(_workers.Select(worker => worker.LeaveAsync(CancellationToken.None)));
        transports.Close(RunId, FirstGeneration);
        if (final is RunCompleted completed)
        {
            await Task.Run(() => RunReportFile.Write(completed with { RunId = RunId, Time = clock.GetUtcNow() }));
        }

        Emit(final is RunCancelled cancelled ? cancelled with { Snapshot = _snapshot, Step = _step } : final);
    }

    private RunCancelled Cancelled() => new() { Reason = _stopReason, Step = _step, Snapshot = _snapshot };

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
}
