using System.Text.Json;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.Runs.Log;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>The control plane of one run: what clients ask of it. <see cref="RunDriver"/> does the work.</summary>
/// <remarks>
/// Reentrant, because watchers and reports wait inside it. All that outlives an await is either stored first (<see cref="RunAuthority"/>,
/// <see cref="RunEventLog"/>) or belongs to the driver's one loop; another coordinator's write to either ends this activation.
/// It stays active until the run has ended; after a loss the workers' pulses or the reminder activate it again.
/// </remarks>
[Reentrant, Immovable]
internal sealed partial class RunCoordinatorGrain(
    [PersistentState("run", GrainStorageNames.Lcnn)] IPersistentState<RunRecord> stored, IRunLogStore logs, IClusterMembershipService membership,
    IOptions<RunOptions> options, TimeProvider clock, ILogger<RunCoordinatorGrain> logger)
    : Grain, IRunCoordinatorGrain, IRemindable, IDisposable
{
    private const string Reminder = "run";
    private static readonly TimeSpan _reminderPeriod = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _deactivating = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RunAuthority? _authority;
    private RunEventLog? _log;
    private RunDriver? _driver;
    private Task? _starting;

    private string RunId => this.GetPrimaryKeyString();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _authority = new RunAuthority(RunId, stored, clock, logger);
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

    public async Task<RunStatus> StartAsync(RunSpec spec, CancellationToken cancellationToken)
    {
        if (spec.Validate() is { Count: > 0 } problems)
        {
            throw new InvalidSpecException(problems);
        }

        spec = spec with { OutputDirectory = spec.OutputDirectory.Length == 0 ? Path.Combine("runs", RunId) : spec.OutputDirectory };
        var json = JsonSerializer.Serialize(spec, RunEventJson.Options);
        await ReplaceableAsync(() => _starting ??= _driver is null ? StartAsync(json) : Task.CompletedTask);
        return _authority!.Record.SpecJson == json
            ? await GetStatusAsync(cancellationToken)
            : throw new RunExistsException($"run {RunId} was started with another spec; give this one another id");
    }

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

    public Task ReceiveReminder(string reminderName, TickStatus status) =>
        _driver is null || _authority!.Record.Ended ? EndReminderAsync() : Task.CompletedTask; // being active is all it takes

    public void Dispose()
    {
        _deactivating.Cancel();
        _log?.Dispose();
        _deactivating.Dispose();
    }

    private async Task StartAsync(string specJson)
    {
        try
        {
            await this.RegisterOrUpdateReminder(Reminder, _reminderPeriod, _reminderPeriod);
            await _authority!.WriteAsync(
                record => record with
                {
                    SpecJson = specJson,
                    SubmittedAt = clock.GetUtcNow(),
                    Phase = RunPhase.Starting,
                    Token = System.Security.Cryptography.RandomNumberGenerator.GetBytes(32),
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
        var (workers, placement) = (
            new RunWorkers(RunId, GrainFactory, membership, options.Value, clock, logger),
            new RunPlacement(GrainFactory, membership, options.Value, clock, logger));
        _driver = new RunDriver(RunId, _authority!, _log, workers, placement, options.Value, clock, logger, _deactivating.Token);
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
            await RecordAsync();
            var driving = driver.DriveAsync();
            if (await Task.WhenAny(driving, log.Superseded) != driving)
            {
                throw await log.Superseded;
            }

            await driving;
            DelayDeactivation(-TimeSpan.FromSeconds(1)); // negative: to be collected like any other
            await RecordAsync();
            await EndReminderAsync();
        }
        catch (Exception exception)
        {
            if (!_deactivating.IsCancellationRequested)
            {
                LogGivesWay(exception);
                DeactivateOnIdle();
            }
        }
    }

    // Written or reported by a coordinator that is superseded: the caller tries again and finds the other one.
    private async Task GuardAsync(Func<Task> change)
    {
        try
        {
            await change();
        }
        catch (Exception exception) when (exception is RunSupersededException or RunLogSupersededException)
        {
            LogGivesWay(exception);
            DeactivateOnIdle();
            throw;
        }
    }

    // Clients have none of this assembly's exceptions.
    private static async Task ReplaceableAsync(Func<Task> change)
    {
        try
        {
            await change();
        }
        catch (Exception exception) when (exception is RunSupersededException or RunLogSupersededException)
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
                new RunEntry(RunId, record.SubmittedAt, record.Phase, spec.Dataset, spec.Architecture, spec.Workers, spec.OutputDirectory), _deactivating.Token);
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
