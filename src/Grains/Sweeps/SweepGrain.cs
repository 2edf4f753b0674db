using System.Text.Json;
using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
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

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>What clients ask of a sweep. <see cref="SweepDriver"/> does the work.</summary>
[Reentrant, Immovable, StorePlacement]
internal sealed partial class SweepGrain(
    [PersistentState("sweep", GrainStorageNames.Lcnn)] IPersistentState<SweepRecord> stored, IEventLogStore<SweepEvent> logs, IEventLogStore<SweepChange> journals,
    IOptions<SweepOptions> options, IOptions<RetentionOptions> retention, ClaimPlace place, RunRoots roots, StoreReach reach, LiveWork<SweepPhase> live, TimeProvider clock, ILogger<SweepGrain> logger)
    : DrivenGrain<SweepRecord, SweepEvent>(stored, reminder: "sweep", reach, clock, logger), ISweepGrain
{
    private SweepEventLog? _log;
    private SweepJournal? _journal;
    private IReadOnlyList<TrialRecord> _trials = [];
    private SweepBoard? _board;
    private SweepDriver? _driver;
    private HeldFolder? _claim;

    protected override TimeSpan LogKept => retention.Value.Steps;

    private SweepBoard Board => _board ?? throw new SweepNotFoundException(Id);

    public async Task<SweepStatus> StartAsync(SweepSpec spec, CancellationToken cancellationToken)
    {
        spec = spec with { OutputDirectory = roots.Place(spec.OutputDirectory.Length == 0 ? Path.Combine("sweeps", Id) : spec.OutputDirectory) };
        List<SpecProblem> problems = [.. await new ClusterNames(GrainFactory).ValidateAsync(spec, cancellationToken)];
        if (RunIds.ProblemOf(Id) is { } odd)
        {
            problems.Add(new SpecProblem("id", odd));
        }

        if (problems.Count == 0 && roots.ProblemOf(spec.OutputDirectory) is { } outside)
        {
            problems.Add(new SpecProblem("out", outside));
        }

        if (problems.Count > 0)
        {
            throw new InvalidSpecException(problems);
        }

        var json = JsonSerializer.Serialize(spec, RunEventJson.Options);
        var started = new SweepStarted { Spec = spec, Trials = spec.PlannedTrials() ?? 0 };
        SweepEvent[] events = [started, .. spec.Warnings().Select(message => new SweepWarning { Message = message })];
        await StartOnceAsync(
            admit: () => AdmitAsync(spec, Deactivating),
            begin: record => record with
            {
                SpecJson = json,
                SubmittedAt = Clock.GetUtcNow(),
                Phase = SweepPhase.Running,
                NewEventsJson = [.. events.Select(SweepEventJson.Serialize)],
            });
        return JsonSerializer.Serialize(Parse(), RunEventJson.Options) == json // an earlier release stored it without what it did not know
            ? await GetStatusAsync(cancellationToken)
            : throw new SweepExistsException($"sweep {Id} was started with another spec; give this one another id");
    }

    public async Task<SweepStatus> GetStatusAsync(CancellationToken cancellationToken)
    {
        if (_board is not { } board)
        {
            return new SweepStatus { SweepId = Id };
        }

        var slots = (await GetSilosAsync(cancellationToken)).SelectMany(silo => silo.Slots).ToList();
        var active = board.Phase is SweepPhase.Completed or SweepPhase.Failed ? Record.Active : _driver!.Active;
        return SweepFigures.Describe(board, active) with
        {
            FreeSlots = slots.Count(slot => slot.Holder is null),
            TotalSlots = slots.Count,
            LastSequence = LastSequence,
        };
    }

    public Task<SweepSpec?> GetSpecAsync(CancellationToken cancellationToken) => Task.FromResult(_board?.Spec);

    public Task<IReadOnlyList<TrialEntry>> GetTrialsAsync(int firstNumber, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<TrialEntry>>([.. Board.Entries.Skip(Math.Max(0, firstNumber - 1)).Take(Math.Clamp(limit, 0, 1000))]);

    public Task PauseAsync(CancellationToken cancellationToken) => ChangeAsync(board =>
    {
        if (board.Phase == SweepPhase.Running)
        {
            board.Pause();
        }
    });

    public Task ResumeAsync(CancellationToken cancellationToken) => ChangeAsync(board =>
    {
        if (board.Phase is SweepPhase.Paused or SweepPhase.Pausing)
        {
            board.Enter(SweepPhase.Running, new SweepResumed());
        }
    });

    public Task StopAsync(string reason, CancellationToken cancellationToken) => ChangeAsync(board =>
    {
        if (board.Phase is not (SweepPhase.Completed or SweepPhase.Failed))
        {
            board.Stop(reason.Length > 0 ? reason : "stopped");
        }
    });

    public async Task AddTrialsAsync(AddTrials request, CancellationToken cancellationToken)
    {
        var silos = await GetSilosAsync(cancellationToken); // first, as nothing below may change before it is decided
        if (Board.Requests.Contains(request.RequestId))
        {
            await ChangeAsync(_ => { }); // was granted, and is stored when this returns
            return;
        }

        if (Board.Phase is SweepPhase.Completed or SweepPhase.Failed or SweepPhase.Stopping)
        {
            throw new InvalidSpecException([new SpecProblem("addTrials", $"sweep {Id} is done; start another")]);
        }

        if (TrialAdditions.Check(Board, request, silos) is { Count: > 0 } problems)
        {
            throw new InvalidSpecException(problems);
        }

        await ChangeAsync(board =>
        {
            foreach (var warning in TrialAdditions.Warn(board, request).ToList())
            {
                board.Warn(warning);
            }

            board.Add(request);
        });
    }

    protected override async Task<EventLog<SweepEvent>> OpenLogAsync(CancellationToken cancellationToken)
    {
        var spec = Parse();
        (_journal, _trials) = await SweepJournal.OpenAsync(Id, Record, journals, Clock, Logger, cancellationToken);
        _log = await SweepEventLog.OpenAsync(Id, logs, Clock, Logger, cancellationToken);
        _log.Beginning = new SweepStarted { SweepId = Id, Sequence = 1, Time = Record.SubmittedAt, Spec = spec, Trials = spec.PlannedTrials() ?? 0 };
        return _log;
    }

    protected override Func<Task> CreateDriver()
    {
        _board = new SweepBoard(Id, Parse(), Record, _trials, Clock);
        _trials = []; // are the board's
        if (options.Value.EndsWithProcess)
        {
            _board.ForgetAbsence();
        }

        _driver = new SweepDriver(_board, Authority, _journal!, _log!, _claim ?? ClaimOn(_board.Spec), runId => GrainFactory.GetGrain<IRunCoordinatorGrain>(runId), Clock, Logger, Deactivating);
        live.Add(Id, () => _board.Phase, Deactivating);
        return _driver.DriveAsync;
    }

    // The final event names every trial with its result; its reports are in the journal.
    protected override bool IsSummary(SweepEvent logged) => logged is SweepStarted or SweepWarning or SweepPaused or SweepResumed or TrialsAdded or BestChanged || logged.IsFinal;

    protected override Task ListAsync(CancellationToken cancellationToken)
    {
        var spec = _board!.Spec;
        return GrainFactory.GetGrain<ISweepCatalogGrain>(0).RecordAsync(
            new SweepEntry(Id, spec.Name, Record.SubmittedAt, Record.Phase, _board.Planned, spec.Sampler.Kind, spec.Scheduler.Kind, spec.OutputDirectory),
            cancellationToken);
    }

    private Task ChangeAsync(Action<SweepBoard> change) => Board.Phase is SweepPhase.Completed or SweepPhase.Failed
        ? Task.CompletedTask
        : ReplaceableAsync(() => _driver!.ChangeAsync(change));

    private async Task AdmitAsync(SweepSpec spec, CancellationToken cancellationToken)
    {
        var workers = spec.MostWorkers();
        if (SweepAdmission.CheckSlots(spec, workers, await GetSilosAsync(cancellationToken)) is { } tooLarge)
        {
            throw new InvalidSpecException([tooLarge]);
        }

        _claim ??= ClaimOn(spec);
        try
        {
            await _claim.EnterAsync(static _ => Task.CompletedTask, cancellationToken);
        }
        catch (FolderInUseException exception)
        {
            throw new InvalidSpecException([new SpecProblem("out", exception.Message)]);
        }

        if (await Task.Run(() => SweepAdmission.MarkFolder(spec.OutputDirectory, Id), cancellationToken) is { } taken)
        {
            await _claim.ReleaseAsync();
            throw new InvalidSpecException([taken]);
        }
    }

    private HeldFolder ClaimOn(SweepSpec spec) => new(spec.OutputDirectory, Claimant.OfSweep(Id), place, Clock, Logger, Deactivating);

    private async Task<IReadOnlyList<SiloReport>> GetSilosAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await GrainFactory.GetGrain<IGangPlacementGrain>(0).GetSilosAsync(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested) // a silo that is being lost: the rest of the answer stands
        {
            LogNotCounted(Logger, exception);
            return [];
        }
    }

    private SweepSpec Parse() => JsonSerializer.Deserialize<SweepSpec>(Record.SpecJson, RunEventJson.Options)!;

    [LoggerMessage(Level = LogLevel.Debug, Message = "The slots could not be counted")]
    private static partial void LogNotCounted(ILogger logger, Exception exception);
}
