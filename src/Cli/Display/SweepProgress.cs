using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Cli.Display;

/// <summary>What the events and the newest status of a sweep add up to. Events may begin anywhere in the log.</summary>
internal sealed class SweepProgress(TimeProvider clock)
{
    private readonly SortedDictionary<int, TrialEntry> _trials = [];
    private IReadOnlyList<TrialResult>? _ranked;
    private int _planned;
    private bool _isPaused;
    private SweepStatus? _status;
    private long _statusAt;
    private DateTimeOffset? _lastEventAt;

    /// <summary>How the sweep began; null until that is known.</summary>
    public SweepStarted? Started { get; private set; }

    /// <summary>The best trial so far; null before there is one.</summary>
    public TrialResult? Best { get; private set; }

    /// <summary>Numbers of the trials that no other beats in every goal; empty for one goal.</summary>
    public IReadOnlyList<int> ParetoFront { get; private set; } = [];

    /// <summary>The last event of all; null while the sweep goes on.</summary>
    public SweepEvent? Final { get; private set; }

    /// <summary>What is sought.</summary>
    public IReadOnlyList<GoalSpec> Goals => Started?.Spec.Goals ?? _status?.Goals ?? [];

    /// <summary>Every trial that was heard of, by number.</summary>
    public IReadOnlyCollection<TrialEntry> Trials => _trials.Values;

    /// <summary>The trials under way, by number.</summary>
    public IEnumerable<TrialEntry> Running => _trials.Values.Where(trial => trial.State == TrialState.Running);

    /// <summary>Trials there will be.</summary>
    public int Planned => Math.Max(_planned, _trials.Count);

    /// <summary>Trials of which nothing more comes.</summary>
    public int FinishedCount => _trials.Values.Count(trial => trial.IsFinished);

    /// <summary>Where the sweep stands.</summary>
    public SweepPhase Phase => Final switch
    {
        SweepCompleted => SweepPhase.Completed,
        SweepFailed => SweepPhase.Failed,
        _ when _status is { Phase: not SweepPhase.Unknown and not SweepPhase.Completed and not SweepPhase.Failed } status => status.Phase,
        _ => _isPaused ? SweepPhase.Paused : SweepPhase.Running,
    };

    /// <summary>Free device slots and all of them; null before a status told.</summary>
    public (int Free, int Total)? Slots => _status is { } status ? (status.FreeSlots, status.TotalSlots) : null;

    /// <summary>Since the start, pauses left out; by the times of the events before a status told.</summary>
    public TimeSpan? Elapsed => Final is SweepCompleted completed ? TimeSpan.FromSeconds(completed.Seconds)
        : _status is { } status ? status.Elapsed + SinceStatus
        : _lastEventAt - Started?.Time;

    /// <summary>Estimate of the time left; null while nothing is known.</summary>
    public TimeSpan? TimeLeft => Final is null && _status?.TimeLeft is { } left ? (left > SinceStatus ? left - SinceStatus : TimeSpan.Zero) : null;

    /// <summary>The best trials, best first: with several goals by the status, as ranking all of them is work for the silo.</summary>
    public IReadOnlyList<TrialResult> Leaderboard => _ranked ??= Final is null && Goals.Count > 1 && _status is { } status
        ? status.Leaderboard
        : [.. Contracts.Sweeps.Leaderboard.Rank(Goals, _trials.Values).Select(trial => trial.ToResult())];

    private TimeSpan SinceStatus => Phase is SweepPhase.Paused ? TimeSpan.Zero : clock.GetElapsedTime(_statusAt);

    public void Apply(SweepStatus status) => (_status, _statusAt, _ranked) = (status, clock.GetTimestamp(), null);

    public void Apply(SweepEvent sweepEvent)
    {
        (_ranked, _lastEventAt) = (null, sweepEvent.Time);
        switch (sweepEvent)
        {
            case SweepStarted started:
                (Started, _planned) = (started, started.Trials);
                break;
            case BestChanged best:
                (Best, ParetoFront) = (best.Best, best.ParetoFront);
                break;
            case TrialsAdded added:
                _planned = added.Trials;
                break;
            case SweepPaused or SweepResumed:
                _isPaused = sweepEvent is SweepPaused;
                break;
            case SweepCompleted completed:
                (Best, ParetoFront) = (completed.Best, completed.ParetoFront);
                End(completed, completed.Trials);
                break;
            case SweepFailed failed:
                End(failed, failed.Trials);
                break;
            default:
                ApplyToTrial(sweepEvent);
                break;
        }
    }

    private void ApplyToTrial(SweepEvent sweepEvent)
    {
        switch (sweepEvent)
        {
            case TrialStarted started:
                Change(started.Number, trial => new TrialEntry
                {
                    Number = started.Number,
                    State = TrialState.Running,
                    Parameters = started.Parameters,
                    RunId = started.RunId,
                    Attempts = started.Attempt,
                });
                break;
            case TrialReported reported:
                Change(reported.Number, trial => trial with { Epochs = reported.Epoch, Metrics = reported.Metrics });
                break;
            case TrialPaused paused:
                // without a rung it waits for the sweep alone, and takes its turn again
                Change(paused.Number, trial => trial with { State = paused.Rung is null ? TrialState.Pending : TrialState.Paused, Epochs = paused.Epochs });
                break;
            case TrialPromoted promoted:
                Change(promoted.Number, trial => trial with { Rung = promoted.Rung });
                break;
            case TrialResumed resumed:
                Change(resumed.Number, trial => trial with { State = TrialState.Running, RunId = resumed.RunId, Epochs = resumed.Epochs });
                break;
            case TrialStopped stopped:
                Take(stopped.Trial);
                break;
            case TrialCompleted completed:
                Take(completed.Trial);
                break;
            case TrialFailed failed:
                Take(failed.Trial);
                break;
        }
    }

    private void End(SweepEvent final, IReadOnlyList<TrialResult> trials)
    {
        Final = final;
        foreach (var trial in trials)
        {
            Take(trial);
        }
    }

    private void Change(int number, Func<TrialEntry, TrialEntry> change) =>
        _trials[number] = change(_trials.GetValueOrDefault(number) ?? new TrialEntry { Number = number, State = TrialState.Running });

    private void Take(TrialResult result) => Change(result.Number, trial => trial with
    {
        State = result.State,
        Parameters = result.Parameters,
        RunId = result.RunId,
        Attempts = result.Attempts,
        Epochs = result.Epochs,
        Metrics = result.Metrics,
        WeightsSha256 = result.WeightsSha256,
        Error = result.Error,
    });
}
