using System.Text.Json;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Claims;
using Lcnn.Distributed.Grains.Claims;
using Lcnn.Distributed.Grains.EventLogs;
using Lcnn.Distributed.Grains.Folders;
using Lcnn.Distributed.Grains.Lifecycle;
using Lcnn.Distributed.Grains.Programs;
using Lcnn.Distributed.Grains.Storage;
using Lcnn.Distributed.Grains.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>The control plane of one run: what clients ask of it. <see cref="RunDriver"/> does the work; after a loss the workers' pulses activate it again, too.</summary>
[Reentrant, Immovable, StorePlacement]
internal sealed partial class RunCoordinatorGrain(
    [PersistentState("run", GrainStorageNames.Lcnn)] IPersistentState<RunRecord> stored, IEventLogStore<RunEvent> logs, IClusterMembershipService membership,
    ILocalSiloDetails silo, IOptions<RunOptions> options, IOptions<RetentionOptions> retention, ClaimPlace place, RunRoots roots, StoreReach reach, LiveWork<RunPhase> live, TimeProvider clock, ILogger<RunCoordinatorGrain> logger)
    : DrivenGrain<RunRecord, RunEvent>(stored, reminder: "run", reach, clock, logger), IRunCoordinatorGrain
{
    private static readonly TimeSpan _longestWait = TimeSpan.FromSeconds(15);

    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RunEventLog? _log;
    private RunDriver? _driver;
    private SeriesReader? _series;

    private IReadOnlyList<string>? Tags => Record.Tags.Count == 0 ? null : Record.Tags;

    protected override TimeSpan LogKept => Record.SweepId is null ? retention.Value.Steps : retention.Value.TrialSteps;

    public Task<RunStatus> StartAsync(RunSpec spec, CancellationToken cancellationToken) => StartAsync(spec, origin: null, cancellationToken);

    public Task<RunStatus> StartTrialAsync(RunSpec spec, TrialOrigin origin, CancellationToken cancellationToken) => StartAsync(spec, origin, cancellationToken);

    public Task CancelAsync(string reason, CancellationToken cancellationToken) =>
        _driver is null ? Task.CompletedTask : ReplaceableAsync(() => _driver.CancelAsync(reason));

    public async Task<RunStatus> SetTagsAsync(IReadOnlyList<string> tags, CancellationToken cancellationToken)
    {
        DriverOrThrow();
        if (RunTags.ProblemsOf(tags) is { Count: > 0 } problems)
        {
            throw new InvalidSpecException(problems);
        }

        await ReplaceableAsync(() => Authority.WriteAsync(record => record with { Tags = [.. tags.Distinct()] }, Deactivating));
        await ListAsync(cancellationToken);
        return await GetStatusAsync(cancellationToken);
    }

    public Task<RunStatus> GetStatusAsync(CancellationToken cancellationToken) => Task.FromResult(_driver is null
        ? new RunStatus(Id, RunPhase.Unknown, 0, 0, 0)
        : new RunStatus(Id, _driver.Phase, _driver.History.Step, Record.TotalSteps, LastSequence, Record.Generation, Record.Members.Count, _driver.WaitsFor, Tags));

    public Task<IReadOnlyList<RankStatus>> GetRanksAsync(CancellationToken cancellationToken) => Task.FromResult(DriverOrThrow().Generation?.Ranks ?? []);

    public Task<RunSpec?> GetSpecAsync(CancellationToken cancellationToken) => Task.FromResult(_driver?.Spec);

    public async Task<RunProgress> GetProgressAsync(int afterEpoch, CancellationToken cancellationToken)
    {
        var timeIsUp = Task.Delay(_longestWait, Clock, cancellationToken); // one for all wakings, and well before the caller's patience ends
        var query = new EpochQuery { After = afterEpoch };
        while (Progress(query) is { Epochs.Count: 0, Final: null, Phase: not RunPhase.Unknown }
            && !timeIsUp.IsCompleted && !Deactivating.IsCancellationRequested)
        {
            // Woken by epochs and the end; the time is for an end that another coordinator wrote.
            await Task.WhenAny(_changed.Task, timeIsUp);
        }

        return Progress(query);
    }

    protected override async Task<EventLog<RunEvent>> OpenLogAsync(CancellationToken cancellationToken)
    {
        _log = await RunEventLog.OpenAsync(Id, logs, Clock, Logger, cancellationToken: cancellationToken);
        _log.Beginning = Record.StartedEventJson is { } started ? Read(started) : _log.Beginning;
        return _log;
    }

    protected override Func<Task> CreateDriver()
    {
        var (workers, placement, folder) = (
            new RunWorkers(Id, GrainFactory, membership, options.Value, Clock, Logger),
            new RunPlacement(GrainFactory, membership, options.Value, Clock, Logger),
            new SharedStorage(silo.SiloAddress.ToParsableString(), Record.Segment > 1, GrainFactory, Logger));
        var spec = Stored();
        var claim = new HeldFolder(spec.OutputDirectory, Claimant.Run(Id, Record.SweepId), place, Clock, Logger, Deactivating);
        _series = new SeriesReader(Id, _log!, spec.OutputDirectory, Logger);
        var series = new RunSeries(Id, _log!, claim, spec.OutputDirectory, Clock, Logger, Deactivating);
        _driver = new RunDriver(Id, spec, Authority, _log!, workers, placement, folder, claim, series, options.Value, Clock, Logger, Deactivating);
        live.Add(Id, () => _driver.Phase, Deactivating);
        return _driver.DriveAsync;
    }

    // The newest step stays: how far the run got. What began is in the record, and so are epochs; a sweep may have thousands of runs, whose logs nobody watches any more.
    protected override bool IsSummary(RunEvent logged) => logged switch
    {
        StepCompleted step => step.Step >= _driver!.History.Step,
        EvaluationProgressed or CurvatureProgressed or RobustnessProgressed or DataSetDownloading or RunWaiting => false,
        RunStarted => Record.StartedEventJson is null,
        EpochCompleted or SnapshotCommitted => Record.SweepId is null,
        _ => true,
    };

    protected override Task ListAsync(CancellationToken cancellationToken)
    {
        var spec = _driver!.Spec;
        return GrainFactory.GetGrain<IRunCatalogGrain>(0).RecordAsync(
            new RunEntry(Id, Record.SubmittedAt, Record.Phase, spec.Dataset, spec.Architecture, spec.Workers, spec.OutputDirectory, Record.SweepId, Summary(spec), Tags),
            cancellationToken);
    }

    protected override void Wake()
    {
        var changed = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.TrySetResult();
    }

    private async Task<RunStatus> StartAsync(RunSpec spec, TrialOrigin? origin, CancellationToken cancellationToken)
    {
        (spec, var found) = await new ClusterNames(GrainFactory).ResolveAsync(spec, cancellationToken);
        List<SpecProblem> problems = [.. found];
        if (RunIds.ProblemOf(Id) is { } odd)
        {
            problems.Add(new SpecProblem("id", odd));
        }

        if (problems.Count == 0)
        {
            spec = Placed(spec);
            problems.AddRange(FolderProblems(spec));
        }

        if (problems.Count > 0)
        {
            throw new InvalidSpecException(problems);
        }

        await StartOnceAsync(
            admit: static () => Task.CompletedTask,
            begin: record => record with
            {
                SpecJson = JsonSerializer.Serialize(spec, RunEventJson.Options),
                SubmittedAt = Clock.GetUtcNow(),
                Phase = RunPhase.Starting,
                SweepId = origin?.SweepId,
                Segment = origin?.Segment ?? 0,
            });
        return SpecConflict.Find(Stored(), spec) is { } conflict
            ? throw new RunExistsException($"run {Id} was started with another spec: {conflict}; give this one another id")
            : await GetStatusAsync(cancellationToken);
    }

    private RunSpec Stored() => JsonSerializer.Deserialize<RunSpec>(Record.SpecJson, RunEventJson.Options)!;

    private RunSpec Placed(RunSpec spec) => spec with
    {
        OutputDirectory = roots.Place(spec.OutputDirectory.Length == 0 ? Path.Combine("runs", Id) : spec.OutputDirectory),
        ResumeFrom = spec.ResumeFrom is { } from ? roots.Place(from) : null,
    };

    private IEnumerable<SpecProblem> FolderProblems(RunSpec spec)
    {
        if (roots.ProblemOf(spec.OutputDirectory) is { } outside)
        {
            yield return new SpecProblem(nameof(RunSpec.OutputDirectory), outside);
        }

        if (spec.ResumeFrom is { } from && roots.ProblemOf(from) is { } elsewhere)
        {
            yield return new SpecProblem(nameof(RunSpec.ResumeFrom), elsewhere);
        }
    }

    private RunProgress Progress(EpochQuery query) => _driver is null
        ? new RunProgress { Phase = RunPhase.Unknown }
        : new RunProgress
        {
            Phase = _driver.Phase,
            Epochs = [.. Record.EpochsJson.Reverse().Select(Read).Cast<EpochCompleted>().TakeWhile(epoch => epoch.Epoch > query.After).Take(query.Most).Reverse()],
            Final = Record.Ended && Record.FinalEventJson is { } json ? Read(json) : null,
            Snapshot = Record.CommittedSnapshot?.Path,
            WeightsSha256 = Record.CommittedSnapshot?.WeightsSha256,
        };

    private RunSummary? Summary(RunSpec spec)
    {
        if (!Record.Ended || Record.FinalEventJson is not { } json)
        {
            return null;
        }

        var newest = Record.EpochsJson is [.., var last] ? (EpochCompleted)Read(last) : null;
        var final = Read(json);
        return new RunSummary
        {
            EndedAt = _log!.EndedAt ?? Clock.GetUtcNow(),
            Loss = spec.Loss,
            Epochs = newest?.Epoch ?? 0,
            TestAccuracy = newest?.TestAccuracy ?? double.NaN,
            TestLoss = newest?.TestLoss ?? double.NaN,
            Curvature = final is RunCompleted completed ? completed.Curvature : double.NaN,
            Problem = final switch { RunFailed failed => failed.Error, RunCancelled cancelled => cancelled.Reason, _ => "" },
        };
    }

    private RunEvent Read(string json) => RunEventJson.Deserialize(json) with { RunId = Id };
}
