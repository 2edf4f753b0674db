using System.Globalization;
using System.Runtime.CompilerServices;
using Lcnn.Distributed.Contracts;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.EventLogs;
using Lcnn.Distributed.Grains.Storage;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Grains.Lifecycle;

/// <summary>The life of a run's or sweep's grain: started once, driven to its end, taken up again by another activation when this one is lost.</summary>
/// <remarks>
/// Reentrant, because watchers and reports wait inside it. All that outlives an await is either stored first (<see cref="RecordAuthority{TRecord}"/>,
/// <see cref="EventLog{TEvent}"/>) or belongs to the driver's one loop; another activation's write to either ends this one, and all who wait
/// in it are told to try again. It stays active until its work is done; after a loss the reminder, a silo that notices the loss, or whoever
/// calls activates it again. On a silo that is cut off from the store (<see cref="StoreReach"/>) it gives way as well, and goes on where the store is reached.
/// </remarks>
/// <param name="stored">The record.</param>
/// <param name="reminder">Name of the reminder.</param>
/// <param name="reach">Whether its silo reaches the store.</param>
/// <param name="clock">The time.</param>
/// <param name="logger">For trouble.</param>
internal abstract partial class DrivenGrain<TRecord, TEvent>(IPersistentState<TRecord> stored, string reminder, StoreReach reach, TimeProvider clock, ILogger logger)
    : Grain, IRemindable, IDisposable
    where TRecord : IStoredRecord<TRecord>
    where TEvent : class, INumberedEvent
{
    private static readonly TimeSpan _reminderPeriod = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _retiringPeriod = TimeSpan.FromHours(1);
    private static readonly TimeSpan _longestReminder = TimeSpan.FromDays(20); // timers take no more than 49
    private static readonly TimeSpan _storeTime = TimeSpan.FromSeconds(3); // what a client waits for the store without being told
    private static readonly TimeSpan _look = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _deactivating = new();
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RecordAuthority<TRecord>? _authority;
    private EventLog<TEvent>? _log;
    private Task? _starting;
    private Task _retiring = Task.CompletedTask;
    private bool _hasReminder = true; // of who was started elsewhere

    protected string Id => this.GetPrimaryKeyString();

    protected TimeProvider Clock { get; } = clock;

    protected ILogger Logger { get; } = logger;

    protected RecordAuthority<TRecord> Authority => _authority!;

    protected TRecord Record => Authority.Record;

    /// <summary>Number of the newest event.</summary>
    protected long LastSequence => _log?.LastSequence ?? 0;

    /// <summary>Cancelled when this activation goes.</summary>
    protected CancellationToken Deactivating => _deactivating.Token;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _authority = new RecordAuthority<TRecord>(Id, stored, Clock, Logger);
        LeaveWhenCutOffAsync().Ignore();
        if (Record.SpecJson.Length > 0)
        {
            await OpenAsync(cancellationToken);
        }
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _deactivating.CancelAsync();
        _log?.Dispose();
    }

    public async IAsyncEnumerable<TEvent> WatchAsync(long afterSequence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await _opened.Task.WaitAsync(cancellationToken);
        await foreach (var next in _log!.WatchAsync(afterSequence, cancellationToken))
        {
            yield return next;
        }
    }

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        if (_starting is not null || _log is not null)
        {
            return Record.HasEnded ? RetireAsync() : Task.CompletedTask; // being active is all it takes
        }

        if (Record.SpecJson.Length == 0)
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

    /// <summary>Opens the log, new or to be continued.</summary>
    protected abstract Task<EventLog<TEvent>> OpenLogAsync(CancellationToken cancellationToken);

    /// <summary>Makes what does the work, from the record and the log.</summary>
    /// <returns>Does it to the end.</returns>
    protected abstract Func<Task> CreateDriver();

    /// <summary>How long after its end its log stays whole.</summary>
    protected abstract TimeSpan LogKept { get; }

    /// <summary>Whether an event of a log that is complete stays when the log is trimmed: it belongs to the summary.</summary>
    protected abstract bool IsSummary(TEvent logged);

    /// <summary>Puts it into the list of its kind, or brings that up to date.</summary>
    protected abstract Task ListAsync(CancellationToken cancellationToken);

    /// <summary>Wakes those who wait for news in this activation: it goes, or its work is done.</summary>
    protected virtual void Wake()
    {
    }

    /// <summary>Starts it unless that was done before; a start that failed may be tried again.</summary>
    /// <param name="admit">Throws if it cannot be started here; nothing is stored then.</param>
    /// <param name="begin">The record as it begins.</param>
    protected Task StartOnceAsync(Func<Task> admit, Func<TRecord, TRecord> begin) =>
        ReplaceableAsync(() => _starting ??= _log is null ? StartAsync(admit, begin) : Task.CompletedTask);

    /// <summary>
    /// Makes a change that a client asked for. Clients have none of this assembly's exceptions: where another activation has taken over, they are told to try again;
    /// while the store is away they are told so, and the change is made as soon as it is back.
    /// </summary>
    /// <exception cref="CoordinatorReplacedException">The caller is to try again.</exception>
    /// <exception cref="StoreAwayException">The caller may wait, and ask again.</exception>
    /// <exception cref="StoreRefusedException">The store refuses it; asking again is of no use before that is mended.</exception>
    protected async Task ReplaceableAsync(Func<Task> change)
    {
        try
        {
            await UnlessStoreIsAwayAsync(GuardAsync(change));
        }
        catch (Exception exception) when (IsSuperseded(exception) || (exception is OperationCanceledException && _deactivating.IsCancellationRequested))
        {
            throw new CoordinatorReplacedException(exception.Message);
        }
    }

    /// <summary>Makes a change that ends this activation if another has taken over.</summary>
    protected async Task GuardAsync(Func<Task> change)
    {
        try
        {
            await change();
        }
        catch (Exception exception) when (IsSuperseded(exception))
        {
            await GiveWayAsync(exception);
            throw;
        }
    }

    private static bool IsSuperseded(Exception exception) => exception is RecordSupersededException or EventLogSupersededException;

    private async Task StartAsync(Func<Task> admit, Func<TRecord, TRecord> begin)
    {
        try
        {
            await admit();
            await RemindAsync();
            await Authority.WriteAsync(record => record.SpecJson.Length > 0 ? record : begin(record), Deactivating); // stored before, but its log could not be opened
            await OpenAsync(Deactivating);
        }
        catch
        {
            _starting = null;
            throw;
        }
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        _log = await OpenLogAsync(cancellationToken);
        var drive = CreateDriver();
        _opened.TrySetResult();
        DelayDeactivation(TimeSpan.MaxValue);
        DriveAsync(drive, _log).Ignore();
    }

    private async Task DriveAsync(Func<Task> drive, EventLog<TEvent> log)
    {
        try
        {
            RemindLaterAsync().Ignore();
            var listing = Record.HasEnded ? Task.CompletedTask : TryListAsync(); // the catalog's silo may be dying: the work does not wait for it
            var driving = drive();
            await Task.WhenAny(driving, log.Failed, Authority.Superseded);
            if (!driving.IsCompleted)
            {
                throw log.Failed.IsCompleted ? await log.Failed : await Authority.Superseded;
            }

            await driving;
            Wake();
            DelayDeactivation(-TimeSpan.FromSeconds(1)); // negative: to be collected like any other
            await listing;
            await TryListAsync();
            await RetireAsync();
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
            LogGivesWay(Logger, exception, Id);
            await _deactivating.CancelAsync();
            _log?.Close(exception as StoreRefusedException); // watchers are to hear of that, and not to watch again
            Wake();
            DeactivateOnIdle();
        }
    }

    private async Task TryListAsync()
    {
        try
        {
            await ListAsync(Deactivating);
        }
        catch (Exception exception) // nothing hangs on a line in a list
        {
            LogNotListed(Logger, exception, Id);
        }
    }

    private async Task UnlessStoreIsAwayAsync(Task change)
    {
        while (await Task.WhenAny(change, Task.Delay(_look, Clock)) != change)
        {
            if (Authority.HeldUp is var heldUp && heldUp >= _storeTime)
            {
                change.Ignore();
                if (Authority.Refusal is { } refusal)
                {
                    throw new StoreRefusedException(refusal.Message);
                }

                throw new StoreAwayException(string.Create(CultureInfo.InvariantCulture,
                    $"it waits for the store of records, which its silo has not reached for {heldUp.TotalSeconds:0} s ({Authority.Problem}); what was asked for happens as soon as it is back"));
            }
        }

        await change;
    }

    // Whoever is done has nothing left that needs the store.
    private async Task LeaveWhenCutOffAsync()
    {
        await reach.CutOff.WaitAsync(Deactivating);
        if (Record.SpecJson.Length > 0 && !Record.HasEnded)
        {
            await GiveWayAsync(new StoreAwayException("its silo does not reach the store of records, others do"));
        }
    }

    // One net of several: a silo that keeps reminders and is cut off from the store holds up nobody.
    private async Task RemindAsync()
    {
        try
        {
            await this.RegisterOrUpdateReminder(reminder, _reminderPeriod, _reminderPeriod);
            _hasReminder = true;
        }
        catch (Exception exception) when (!_deactivating.IsCancellationRequested)
        {
            _hasReminder = false;
            LogNotReminded(Logger, exception, Id);
        }
    }

    private async Task RemindLaterAsync()
    {
        while (!_hasReminder && !Record.HasEnded)
        {
            await Task.Delay(_reminderPeriod, Clock, Deactivating);
            await RemindAsync();
        }
    }

    // When its log has been whole for long enough, that is trimmed; until then the reminder that saw to its work sees to that. One at a time.
    private Task RetireAsync() => _retiring = RetireAfterAsync(_retiring);

    private async Task RetireAfterAsync(Task earlier)
    {
        await earlier.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (_log is not { EndedAt: { } ended } log)
        {
            return;
        }

        try
        {
            var left = LogKept - (Clock.GetUtcNow() - ended);
            if (left > TimeSpan.Zero)
            {
                await this.RegisterOrUpdateReminder(reminder, left < _longestReminder ? left : _longestReminder, _retiringPeriod);
                return;
            }

            await log.TrimAsync(IsSummary, Deactivating);
            await EndReminderAsync();
        }
        catch (Exception exception) when (!_deactivating.IsCancellationRequested)
        {
            LogNotTrimmed(Logger, exception, Id); // the reminder there is comes again
        }
    }

    private async Task EndReminderAsync()
    {
        try
        {
            if (await this.GetReminder(reminder) is { } registered)
            {
                await this.UnregisterReminder(registered);
            }
        }
        catch (Exception exception) when (!_deactivating.IsCancellationRequested)
        {
            LogNotReminded(Logger, exception, Id); // when it comes, it is ended
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Id}: this activation gives way; it goes on where it is asked for next")]
    private static partial void LogGivesWay(ILogger logger, Exception exception, string id);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The reminder of {Id} could not be changed; it is tried again")]
    private static partial void LogNotReminded(ILogger logger, Exception exception, string id);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The log of {Id} could not be trimmed, nor be marked for that; it is tried again")]
    private static partial void LogNotTrimmed(ILogger logger, Exception exception, string id);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Id} could not be put into the catalog")]
    private static partial void LogNotListed(ILogger logger, Exception exception, string id);
}
