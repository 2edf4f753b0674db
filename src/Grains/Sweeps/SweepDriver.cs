using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Grains.Claims;
using Lcnn.Distributed.Grains.EventLogs;
using Lcnn.Distributed.Grains.Storage;
using Lcnn.Distributed.Grains.Telemetry;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>Takes one sweep from its record to its final event.</summary>
/// <remarks>
/// One loop: plan, store what changed with the events it stands for, start the runs it names, wait for news. Whatever comes in while a
/// write is under way is stored by the next one. No run is started or stopped before the write that says so. What a write changed is then
/// appended to the journal, and its events to the log, before the next one: of both, the record has what a crash may keep from them.
/// </remarks>
internal sealed partial class SweepDriver(
    SweepBoard board, RecordAuthority<SweepRecord> authority, SweepJournal journal, SweepEventLog log, HeldFolder claim, Func<string, IRunCoordinatorGrain> runs, TimeProvider clock, ILogger logger,
    CancellationToken cancellationToken)
{
    private static readonly TimeSpan _longestWait = TimeSpan.FromDays(1); // timers end at 49 days

    private readonly Dictionary<int, TrialFollower> _followers = [];
    private readonly long _since = clock.GetTimestamp();
    private readonly TimeSpan _activeBefore = authority.Record.Active;
    private TimeSpan _idle;
    private long? _pausedSince;
    private long _storedVersion;
    private TrialSchedulingException? _broken;
    private TaskCompletionSource _news = NewSignal();
    private TaskCompletionSource _stored = NewSignal();

    /// <summary>Time the sweep was not paused.</summary>
    public TimeSpan Active => _activeBefore + clock.GetElapsedTime(_since) - _idle - (_pausedSince is { } since ? clock.GetElapsedTime(since) : TimeSpan.Zero);

    /// <summary>Runs to the end.</summary>
    public async Task DriveAsync()
    {
        LogTakenUp(board.SweepId, board.Trials.Count);
        await claim.ReenterAsync(static _ => Task.CompletedTask, cancellationToken); // whoever has it now: by its mark the folder is this sweep's
        await journal.RestoreAsync(authority.Record, cancellationToken);
        await RestoreLogAsync();
        if (log.IsComplete)
        {
            return; // all but the record's last word was done
        }

        if (authority.Record.Failures >= MaxFailures)
        {
            await FailAsync(authority.Record.StopReason);
            return;
        }

        try
        {
            await ScheduleAsync();
        }
        catch (Exception exception) when (exception is not (RecordSupersededException or EventLogSupersededException or StoreRefusedException) && !cancellationToken.IsCancellationRequested)
        {
            await CountFailureAsync(exception);
            throw;
        }
    }

    private async Task ScheduleAsync()
    {
        while (true)
        {
            if (_broken is not null)
            {
                throw _broken;
            }

            var news = _news.Task;
            CountPause();
            SweepPlanner.Plan(board, Active, clock.GetUtcNow());
            if (SweepPlanner.IsDone(board) && await TryCompleteAsync())
            {
                return;
            }

            if (_storedVersion < board.Version)
            {
                await StoreAsync();
                continue; // more may have come in meanwhile
            }

            Follow();
            await WaitAsync(news);
        }
    }

    /// <summary>Changes the board from outside and returns when that is stored.</summary>
    public async Task ChangeAsync(Action<SweepBoard> change)
    {
        change(board);
        var version = board.Version;
        Pulse(ref _news);
        while (_storedVersion < version)
        {
            await _stored.Task.WaitAsync(cancellationToken);
        }
    }

    // What the record says was logged, and a crash kept from the log.
    private async Task RestoreLogAsync()
    {
        var record = authority.Record;
        var known = (int)Math.Clamp(log.LastSequence - record.LogSequence, 0, record.NewEventsJson.Count);
        foreach (var json in record.NewEventsJson.Skip(known))
        {
            log.Append(SweepEventJson.Deserialize(json));
        }

        await log.FlushAsync(cancellationToken);
    }

    private async Task StoreAsync()
    {
        var (version, progress) = (board.Version, board.Progress);
        var (next, events) = board.Take(authority.Record, log.LastSequence, Active);
        await authority.WriteAsync(_ => next, cancellationToken);
        foreach (var said in events)
        {
            log.Append(said);
            Count(said);
        }

        await Task.WhenAll(journal.AppendAsync(next, cancellationToken), log.FlushAsync(cancellationToken));
        (_storedVersion, _storedProgress) = (version, progress);
        Pulse(ref _stored);
    }

    private static void Count(SweepEvent said)
    {
        var state = said switch
        {
            TrialStarted => "started",
            TrialCompleted => "completed",
            TrialFailed => "failed",
            TrialStopped => "stopped",
            TrialPaused => "paused",
            _ => null,
        };
        if (state is not null)
        {
            Measures.CountTrial(state);
        }
    }

    private void Follow()
    {
        foreach (var trial in board.Running.ToList()) // an answer that comes at once changes the board
        {
            var entry = trial.Entry;
            if (!_followers.TryGetValue(entry.Number, out var follower) || follower.Followed.Segment != trial.Segment)
            {
                follower = new TrialFollower(
                    entry.Number, new TrialOrigin(board.SweepId, trial.Segment), entry.RunId, board.RunSpecOf(trial), runs(entry.RunId), clock, logger, cancellationToken);
                _followers[entry.Number] = follower;
                FollowAsync(follower, entry.Epochs).Ignore();
            }

            if (trial.StopReason is not null || trial.IsPausing)
            {
                follower.Stop(trial.StopReason ?? "the sweep is paused");
            }
        }
    }

    private async Task FollowAsync(TrialFollower follower, int epochsKnown)
    {
        var (number, segment) = follower.Followed;
        using var span = Measures.BeginSpan("lcnn.trial", GrainKeys.Trial(board.SweepId, number, segment));
        try
        {
            var (end, refusal) = await follower.FollowAsync(
                epochsKnown,
                progress =>
                {
                    board.Report(number, segment, progress.Epochs, isTraining: progress.Phase is not (RunPhase.Waiting or RunPhase.Unknown));
                    Pulse(ref _news);
                },
                warning =>
                {
                    board.Warn(warning);
                    Pulse(ref _news);
                });
            if (end is not null)
            {
                board.End(number, segment, end);
            }
            else
            {
                board.Refuse(number, segment, refusal!);
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            _broken ??= new TrialSchedulingException(number, exception); // for the loop, which nobody else may end
        }

        _followers.Remove(number);
        Pulse(ref _news);
    }

    private async Task WaitAsync(Task news)
    {
        if (SweepPlanner.NextDeadline(board, Active, clock.GetUtcNow()) is not { } deadline)
        {
            await news.WaitAsync(cancellationToken);
            return;
        }

        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var delay = deadline < _longestWait ? deadline + TimeSpan.FromMilliseconds(1) : _longestWait;
        await Task.WhenAny(news, Task.Delay(delay, clock, waiting.Token));
        await waiting.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private void CountPause()
    {
        if (board.Phase == SweepPhase.Paused)
        {
            _pausedSince ??= clock.GetTimestamp();
        }
        else if (_pausedSince is { } since)
        {
            _idle += clock.GetElapsedTime(since);
            _pausedSince = null;
        }
    }

    // False when trials were added while the result was written.
    private async Task<bool> TryCompleteAsync()
    {
        var completed = new SweepCompleted
        {
            Best = board.Best?.ToResult(),
            Trials = [.. board.Entries.Select(trial => trial.ToResult())],
            ParetoFront = board.Ranking.Front,
            Epochs = board.TotalEpochs,
            Seconds = Active.TotalSeconds,
            StopReason = board.StopReason.Length > 0 ? board.StopReason : null,
            OutputDirectory = board.Spec.OutputDirectory,
        };
        await WriteResultAsync(completed);
        if (!SweepPlanner.IsDone(board))
        {
            return false;
        }

        await claim.ReleaseAsync(); // before anybody hears of the end, and goes on in a trial's folder
        board.Enter(SweepPhase.Completed, completed);
        await StoreAsync();
        return true;
    }

    private async Task WriteResultAsync(SweepCompleted completed)
    {
        try
        {
            await Task.Run(() => SweepResultFile.Write(board.Spec, completed with { SweepId = board.SweepId, Time = clock.GetUtcNow() }), cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogResultNotWritten(exception, board.SweepId);
            board.Warn($"{SweepResultFile.Name} could not be written to {board.Spec.OutputDirectory}: {exception.Message}");
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static void Pulse(ref TaskCompletionSource signal)
    {
        var last = signal;
        signal = NewSignal();
        last.TrySetResult();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Sweep {SweepId}: this silo schedules it from trial {Trials} on")]
    private partial void LogTakenUp(string sweepId, int trials);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Sweep {SweepId}: its result could not be written to its folder")]
    private partial void LogResultNotWritten(Exception exception, string sweepId);
}
