using System.Text.Json;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.EventLogs;
using Lcnn.Distributed.Grains.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>The control plane of one run: what clients ask of it. <see cref="RunDriver"/> does the work.</summary>
/// <remarks>
/// Reentrant, because watchers and reports wait inside it. All that outlives an await is either stored first (<see cref="RecordAuthority{TRecord}"/>,
/// <see cref="RunEventLog"/>) or belongs to the driver's one loop; another coordinator's write to either ends this activation.
/// It stays active until the run has ended; after a loss the workers' pulses or the reminder activate it again.
/// </remarks>
[Reentrant, Immovable]
internal sealed partial class RunCoordinatorGrain(
    [PersistentState("run", GrainStorageNames.Lcnn)] IPersistentState<RunRecord> stored, IEventLogStore<RunEvent> logs, IClusterMembershipService membership,
    ILocalSiloDetails silo, IOptions<RunOptions> options, TimeProvider clock, ILogger<RunCoordinatorGrain> logger)
    : Grain, IRunCoordinatorGrain, IRemindable, IDisposable
{
    private const string Reminder = "run";
    private static readonly TimeSpan _longestWait = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan _reminderPeriod = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _deactivating = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RecordAuthority<RunRecord>? _authority;
    private RunEventLog? _log;
    private RunDriver? _driver;
    private Task? _starting;

    private string RunId => this.GetPrimaryKeyString();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _authority = new RecordAuthority<RunRecord>(RunId, stored, clock, logger);
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

    public Task<RunStatus> StartAsync(RunSpec spec, CancellationToken cancellationToken) => StartAsync(spec, origin: null, cancellationToken);

    public Task<RunStatus> StartTrialAsync(RunSpec spec, TrialOrigin origin, CancellationToken cancellationToken) => StartAsync(spec, origin, cancellationToken);

    public async IAsyncEnumerable<RunEvent> WatchAsync(
        long afterSequence, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await _started.Task.WaitAsync(cancellationToken);
        await foreach (var runEvent in _log!.WatchAsync(afterSequence, cancellationToken))
        {
            yield return runEvent;
        }
    }

    public Task CancelAsync(string reason, CancellationToken cancellationToken) =>
        _driver is null ? Task.CompletedTask : ReplaceableAsync(() => GuardAsync(() => _driver.CancelAsync(reason)));

    public Task<RunStatus> GetStatusAsync(CancellationToken cancellationToken)
    {
        var record = _authority!.Record;
        return Task.FromResult(_driver is null
            ? new RunStatus(RunId, RunPhase.Unknown, 0, 0, 0)
            : new RunStatus(RunId, _driver.Phase, _driver.History.Step, record.TotalSteps, _log!.LastSequence, record.Generation, record.Members.Count));
    }

    public async Task<RunProgress> GetProgressAsync(int afterEpoch, CancellationToken cancellationToken)
    {
        var since = clock.GetTimestamp();
        while (Progress(afterEpoch) is { Epochs.Count: 0, Final: null, Phase: not RunPhase.Unknown }
            && clock.GetElapsedTime(since) < _longestWait && !_deactivating.IsCancellationRequested)
        {
            // Woken by epochs and the end; the pause is for an end that another coordinator wrote.
            await Task.WhenAny(_changed.Task, Task.Delay(_longestWait, clock, cancellationToken));
        }

        return Progress(afterEpoch);
    }

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        if (_starting is not null || _driver is not null)
        {
            return _authority!.Record.Ended ? EndReminderAsync() : Task.CompletedTask; // being active is all it takes
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

    private RunProgress Progress(int afterEpoch)
    {
        var record = _authority!.Record;
        return _driver is null
            ? new RunProgress { Phase = RunPhase.Unknown }
            : new RunProgress
            {
                Phase = _driver.Phase,
                Epochs = [.. record.EpochsJson.Reverse().Select(Read).Cast<EpochCompleted>().TakeWhile(epoch => epoch.Epoch > afterEpoch).Reverse()],
                Final = record.Ended && record.FinalEventJson is { } json ? Read(json) : null,
                Snapshot = record.CommittedSnapshot?.Path,
                WeightsSha256 = record.CommittedSnapshot?.WeightsSha256,
            };
    }

    private RunEvent Read(string json) => RunEventJson.Deserialize(json) with { RunId = RunId };

    private void Pulse()
    {
        var changed = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.TrySetResult();
    }

    private async Task<RunStatus> StartAsync(RunSpec spec, TrialOrigin? origin, CancellationToken cancellationToken)
    {
        if (spec.Validate() is { Count: > 0 } problems)
        {
            throw new InvalidSpecException(problems);
        }

        spec = spec with { OutputDirectory = spec.OutputDirectory.Length == 0 ? Path.Combine("runs", RunId) : spec.OutputDirectory };
        var json = JsonSerializer.Serialize(spec, RunEventJson.Options);
        await ReplaceableAsync(() => _starting ??= _driver is null ? GuardAsync(() => StartAsync(json, origin)) : Task.CompletedTask);
        return _authority!.Record.SpecJson == json
            ? await GetStatusAsync(cancellationToken)
            : throw new RunExistsException($"run {RunId} was started with another spec; give this one another id");
    }

    private async Task StartAsync(string specJson, TrialOrigin? origin)
    {
        try
        {
            await this.RegisterOrUpdateReminder(Reminder, _reminderPeriod, _reminderPeriod);
            await _authority!.WriteAsync(
                record => record.SpecJson.Length > 0 ? record : record with // stored before, but its log could not be opened
                {
                    SpecJson = specJson,
                    SubmittedAt = clock.GetUtcNow(),
                    Phase = RunPhase.Starting,
                    Token = System.Security.Cryptography.RandomNumberGenerator.GetBytes(32),
                    SweepId = origin?.SweepId,
                    Segment = origin?.Segment ?? 0,
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

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        _log = await RunEventLog.OpenAsync(RunId, logs, clock, logger, cancellationToken: cancellationToken);
        _log.Beginning = _authority!.Record.StartedEventJson is { } started ? Read(started) : _log.Beginning;
        var (workers, placement, folder) = (
            new RunWorkers(RunId, GrainFactory, membership, options.Value, clock, logger),
            new RunPlacement(GrainFactory, membership, options.Value, clock, logger),
            new SharedFolder(silo.SiloAddress.ToParsableString(), _authority.Record.Segment > 1, GrainFactory, logger));
        _driver = new RunDriver(RunId, _authority, _log, workers, placement, folder, options.Value, clock, logger, _deactivating.Token);
        _started.TrySetResult();
        if (!_authority!.Record.Ended)
        {
            DelayDeactivation(TimeSpan.MaxValue);
            DriveAsync(_driver, _log).Ignore();
        }
    }

    private async Task DriveAsync(RunDriver driver, RunEventLog log)
    {
        try
        {
            var listing = RecordAsync(); // the catalog's silo may be dying: the run does not wait for it
            var driving = driver.DriveAsync();
            await Task.WhenAny(driving, log.Superseded, _authority!.Superseded);
            if (!driving.IsCompleted)
            {
                throw log.Superseded.IsCompleted ? await log.Superseded : (Exception)await _authority.Superseded;
            }

            await driving;
            Pulse();
            DelayDeactivation(-TimeSpan.FromSeconds(1)); // negative: to be collected like any other
            await listing;
            await RecordAsync();
            await EndReminderAsync();
        }
        catch (Exception exception)
        {
            await GiveWayAsync(exception);
        }
    }

    // The driver ends at once, and so do those who wait in here: an activation stays until nobody does.
    private async Task GiveWayAsync(Exception exception)
    {
        if (!_deactivating.IsCancellationRequested)
        {
            LogGivesWay(exception);
            await _deactivating.CancelAsync();
            _log?.Dispose();
            Pulse();
            DeactivateOnIdle();
        }
    }

    // Written or reported by a coordinator that is superseded: the caller tries again and finds the other one.
    private async Task GuardAsync(Func<Task> change)
    {
        try
        {
            await change();
        }
        catch (Exception exception) when (exception is RecordSupersededException or EventLogSupersededException)
        {
            await GiveWayAsync(exception);
            throw;
        }
    }

    // Clients have none of this assembly's exceptions.
    private async Task ReplaceableAsync(Func<Task> change)
    {
        try
        {
            await change();
        }
        catch (Exception exception) when (exception is RecordSupersededException or EventLogSupersededException
            || (exception is OperationCanceledException && _deactivating.IsCancellationRequested))
        {
            throw new CoordinatorReplacedException(exception.Message);
        }
    }

    private async Task RecordAsync()
    {
        var (record, spec) = (_authority!.Record, _driver!.Spec);
        try
        {
            await GrainFactory.GetGrain<IRunCatalogGrain>(0).RecordAsync(
                new RunEntry(RunId, record.SubmittedAt, record.Phase, spec.Dataset, spec.Architecture, spec.Workers, spec.OutputDirectory, record.SweepId),
                _deactivating.Token);
        }
        catch (Exception exception) // a run does not hang on its line in a list
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "A coordinator gives way")]
    private partial void LogGivesWay(Exception exception);

    [LoggerMessage(Level = LogLevel.Debug, Message = "A run could not be put into the catalog")]
    private partial void LogNotListed(Exception exception);
}
