using System.Runtime.CompilerServices;
using System.Text.Json;
using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Grains.EventLogs;
using Lcnn.Distributed.Grains.Storage;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>What clients ask of a sweep. <see cref="SweepDriver"/> does the work.</summary>
/// <remarks>
/// Reentrant, because watchers and followers of trials wait inside it. It stays active until the sweep is done; after a loss the reminder,
/// or a silo that starts or notices the loss, activates it again.
/// </remarks>
[Reentrant, Immovable]
internal sealed partial class SweepGrain(
    [PersistentState("sweep", GrainStorageNames.Lcnn)] IPersistentState<SweepRecord> stored, IEventLogStore<SweepEvent> logs,
    TimeProvider clock, ILogger<SweepGrain> logger)
    : Grain, ISweepGrain, IRemindable, IDisposable
{
    private const string Reminder = "sweep";
    private const int LeaderboardRows = 20;
    private static readonly TimeSpan _reminderPeriod = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _deactivating = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RecordAuthority<SweepRecord>? _authority;
    private SweepEventLog? _log;
    private SweepBoard? _board;
    private SweepDriver? _driver;
    private Task? _starting;

    private string SweepId => this.GetPrimaryKeyString();

    private SweepBoard Board => _board ?? throw new SweepNotFoundException(SweepId);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _authority = new RecordAuthority<SweepRecord>(SweepId, stored, clock, logger);
        if (_authority.Record.SpecJson.Length > 0)
        {
            await OpenAsync(cancellationToken);
        }
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _deactivating.CancelAsync();
        _log?.Dispose();
    }

    public async Task<SweepStatus> StartAsync(SweepSpec spec, CancellationToken cancellationToken)
    {
        spec = spec with { OutputDirectory = spec.OutputDirectory.Length == 0 ? Path.Combine("sweeps", SweepId) : spec.OutputDirectory };
        if (spec.Validate() is { Count: > 0 } problems)
        {
            throw new InvalidSpecException(problems);
        }

        var json = JsonSerializer.Serialize(spec, RunEventJson.Options);
        await ReplaceableAsync(() => _starting ??= _driver is null ? StartAsync(spec, json) : Task.CompletedTask);
        return _authority!.Record.SpecJson == json
            ? await GetStatusAsync(cancellationToken)
            : throw new SweepExistsException($"sweep {SweepId} was started with another spec; give this one another id");
    }

    public async IAsyncEnumerable<SweepEvent> WatchAsync(long afterSequence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await _started.Task.WaitAsync(cancellationToken);
        await foreach (var sweepEvent in _log!.WatchAsync(afterSequence, cancellationToken))
        {
            yield return sweepEvent;
        }
    }

    public async Task<SweepStatus> GetStatusAsync(CancellationToken cancellationToken)
    {
        if (_board is not { } board)
        {
            return new SweepStatus { SweepId = SweepId };
        }

        var slots = (await GetSilosAsync(cancellationToken)).SelectMany(silo => silo.Slots).ToList();
        var active = board.Phase is SweepPhase.Completed or SweepPhase.Failed ? _authority!.Record.Active : _driver!.Active;
        return new SweepStatus
        {
            SweepId = SweepId,
            Name = board.Spec.Name,
            Phase = board.Phase,
            Trials = SweepFigures.Count(board),
            Goals = board.Spec.Goals,
            Best = Leaderboard.Best(board.Spec.Goals, board.Entries)?.ToResult(),
            Leaderboard = [.. Leaderboard.Rank(board.Spec.Goals, board.Entries).Take(LeaderboardRows).Select(trial => trial.ToResult())],
            FreeSlots = slots.Count(slot => slot.Holder is null),
            TotalSlots = slots.Count,
            Elapsed = active,
            TimeLeft = SweepFigures.EstimateTimeLeft(board, active),
            Epochs = board.TotalEpochs,
            LastSequence = _log!.LastSequence,
            OutputDirectory = board.Spec.OutputDirectory,
            StopReason = board.StopReason.Length > 0 ? board.StopReason : null,
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
            throw new InvalidSpecException([new SpecProblem("addTrials", $"sweep {SweepId} is done; start another")]);
        }

        if (TrialAdditions.Check(Board, request, silos) is { Count: > 0 } problems)
        {
            throw new InvalidSpecException(problems);
        }

        await ChangeAsync(board => board.Add(request));
    }

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        if (_starting is not null || _board is not null)
        {
            return _board is { Phase: SweepPhase.Completed or SweepPhase.Failed } ? EndReminderAsync() : Task.CompletedTask; // being active is all it takes
        }

        if (_authority!.Record.SpecJson.Length == 0)
        {
            return EndReminderAsync();
        }

        DeactivateOnIdle(); // stored but not opened: the next activation tries again
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _deactivating.Cancel();
        _log?.Dispose();
        _deactivating.Dispose();
    }

    private Task ChangeAsync(Action<SweepBoard> change) => Board.Phase is SweepPhase.Completed or SweepPhase.Failed
        ? Task.CompletedTask
        : _driver!.ChangeAsync(change);

    private async Task StartAsync(SweepSpec spec, string specJson)
    {
        try
        {
            await AdmitAsync(spec, _deactivating.Token);
            await this.RegisterOrUpdateReminder(Reminder, _reminderPeriod, _reminderPeriod);
            var started = new SweepStarted { Spec = spec, Trials = spec.PlannedTrials() ?? 0 };
            SweepEvent[] events = [started, .. spec.Warnings().Select(message => new SweepWarning { Message = message })];
            await _authority!.WriteAsync(
                record => record.SpecJson.Length > 0 ? record : record with // stored before, but its log could not be opened
                {
                    SpecJson = specJson,
                    SubmittedAt = clock.GetUtcNow(),
                    Phase = SweepPhase.Running,
                    NewEventsJson = [.. events.Select(SweepEventJson.Serialize)],
                },
                _deactivating.Token);
            await OpenAsync(_deactivating.Token);
        }
        catch
        {
            _starting = null;
            throw;
        }
    }

    private async Task AdmitAsync(SweepSpec spec, CancellationToken cancellationToken)
    {
        var workers = spec.MostWorkers();
        if (SweepAdmission.CheckSlots(spec, workers, await GetSilosAsync(cancellationToken)) is { } tooLarge)
        {
            throw new InvalidSpecException([tooLarge]);
        }

        if (await Task.Run(() => SweepAdmission.ClaimFolder(spec.OutputDirectory, SweepId), cancellationToken) is { } taken)
        {
            throw new InvalidSpecException([taken]);
        }
    }

    // Clients have none of this assembly's exceptions.
    private async Task ReplaceableAsync(Func<Task> change)
    {
        try
        {
            await change();
        }
        catch (RecordSupersededException exception)
        {
            LogGivesWay(exception, SweepId);
            DeactivateOnIdle();
            throw new CoordinatorReplacedException(exception.Message);
        }
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        _log = await SweepEventLog.OpenAsync(SweepId, logs, clock, logger, cancellationToken);
        var spec = Parse(_authority!.Record.SpecJson);
        _log.Beginning = new SweepStarted { SweepId = SweepId, Sequence = 1, Time = _authority.Record.SubmittedAt, Spec = spec, Trials = spec.PlannedTrials() ?? 0 };
        _board = new SweepBoard(SweepId, spec, _authority.Record, clock);
        _driver = new SweepDriver(
            _board, _authority, _log, runId => GrainFactory.GetGrain<IRunCoordinatorGrain>(runId), clock, logger, _deactivating.Token);
        _started.TrySetResult();
        DelayDeactivation(TimeSpan.MaxValue);
        DriveAsync(_driver, _log).Ignore();
    }

    private async Task DriveAsync(SweepDriver driver, SweepEventLog log)
    {
        try
        {
            var listing = RecordAsync(); // the catalog's silo may be dying: the sweep does not wait for it
            var driving = driver.DriveAsync();
            if (await Task.WhenAny(driving, log.Superseded) != driving)
            {
                throw await log.Superseded;
            }

            await driving;
            DelayDeactivation(-TimeSpan.FromSeconds(1)); // negative: to be collected like any other
            await listing;
            await RecordAsync();
            await EndReminderAsync();
        }
        catch (Exception exception)
        {
            if (!_deactivating.IsCancellationRequested)
            {
                LogGivesWay(exception, SweepId);
                await _deactivating.CancelAsync();
                log.Dispose(); // an activation stays until nobody waits in it
                DeactivateOnIdle();
            }
        }
    }

    private async Task<IReadOnlyList<SiloReport>> GetSilosAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await GrainFactory.GetGrain<IGangPlacementGrain>(0).GetSilosAsync(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested) // a silo that is being lost: the rest of the answer stands
        {
            LogNotCounted(exception);
            return [];
        }
    }

    private async Task RecordAsync()
    {
        var (spec, record) = (_board!.Spec, _authority!.Record);
        try
        {
            await GrainFactory.GetGrain<ISweepCatalogGrain>(0).RecordAsync(
                new SweepEntry(SweepId, spec.Name, record.SubmittedAt, record.Phase, _board.Planned, spec.Sampler.Kind, spec.Scheduler.Kind, spec.OutputDirectory),
                _deactivating.Token);
        }
        catch (Exception exception) // a sweep does not hang on its line in a list
        {
            LogNotListed(exception);
        }
    }

    private async Task EndReminderAsync()
    {
        if (await this.GetReminder(Reminder) is { } reminder)
        {
            await this.UnregisterReminder(reminder);
        }
    }

    private static SweepSpec Parse(string json) => JsonSerializer.Deserialize<SweepSpec>(json, RunEventJson.Options)!;

    [LoggerMessage(Level = LogLevel.Warning, Message = "Sweep {SweepId}: this silo gives it up; it goes on where it is asked for next")]
    private partial void LogGivesWay(Exception exception, string sweepId);

    [LoggerMessage(Level = LogLevel.Debug, Message = "A sweep could not be put into the catalog")]
    private partial void LogNotListed(Exception exception);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The slots could not be counted")]
    private partial void LogNotCounted(Exception exception);
}
