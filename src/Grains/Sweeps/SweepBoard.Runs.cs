using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>What becomes of a trial by its runs: begun, reported on, ended.</summary>
internal sealed partial class SweepBoard
{
    /// <summary>Gives a trial a place: its run is to be started, or to go on from its snapshot.</summary>
    public void Begin(TrialRecord trial, TrialPromotion? promotion = null)
    {
        var (segment, isNew, now) = (trial.Segment + 1, trial.Snapshot is null, _clock.GetUtcNow());
        var isAttempt = trial.Segment == 0 || trial.Entry.Error is not null; // a pause before the first snapshot is no failure
        var entry = trial.Entry with
        {
            State = TrialState.Running,
            RunId = GrainKeys.Trial(SweepId, trial.Entry.Number, segment),
            Attempts = trial.Entry.Attempts + (isAttempt ? 1 : 0),
            StartedAt = trial.Entry.StartedAt ?? now,
            Rung = promotion?.Rung ?? trial.Entry.Rung,
            Error = null,
        };
        Set(trial with { Entry = entry, Segment = segment, IsPausing = false, CountedTo = now, IsTraining = false });
        if (promotion is not null)
        {
            Say(new TrialPromoted { Number = entry.Number, Rung = promotion.Rung, TargetEpochs = promotion.TargetEpochs });
        }

        Say(isNew
            ? new TrialStarted { Number = entry.Number, Parameters = entry.Parameters, RunId = entry.RunId, Attempt = entry.Attempts }
            : new TrialResumed { Number = entry.Number, RunId = entry.RunId, Epochs = entry.Epochs });
    }

    /// <summary>What the run of a trial trains: the trial's spec, to the end of its rung.</summary>
    public RunSpec RunSpecOf(TrialRecord trial)
    {
        var target = _scheduler.TargetEpochs(trial.Entry.Rung);
        return Spec.SpecOf(trial.Entry.Number, trial.Entry.Parameters) with
        {
            PauseAfterEpoch = target < Spec.TrialEpochs() ? target : 0,
            ResumeFrom = trial.Snapshot,
        };
    }

    /// <summary>Takes in what a trial's run reports; what is known already, or of an earlier run, changes nothing.</summary>
    /// <param name="number">The trial.</param>
    /// <param name="segment">Which of its runs.</param>
    /// <param name="epochs">Epochs it has made.</param>
    /// <param name="isTraining">Whether it trains; false while it waits for slots.</param>
    public void Report(int number, int segment, IReadOnlyList<EpochCompleted> epochs, bool isTraining = true)
    {
        CountTime(number, segment, isTraining);
        foreach (var epoch in epochs)
        {
            if (FindRunning(number, segment) is not { } trial || epoch.Epoch <= trial.Entry.Epochs)
            {
                continue;
            }

            var metrics = TrialMetrics.Of(epoch, trial.TrainedBy(_clock.GetUtcNow()));
            var entry = trial.Entry with { Epochs = epoch.Epoch, Metrics = metrics, Reports = [.. trial.Entry.Reports, new TrialReport(epoch.Epoch, metrics)] };
            Set(trial with { Entry = entry });
            Say(new TrialReported { Number = number, Epoch = epoch.Epoch, Metrics = metrics });
            if (trial.StopReason is null && _scheduler.Decide(entry) is { Verdict: TrialVerdict.Stop } stop)
            {
                StopTrial(_trials[number - 1], stop.Reason);
            }
        }
    }

    /// <summary>Takes in the end of a trial's run.</summary>
    public void End(int number, int segment, RunProgress progress)
    {
        if (FindRunning(number, segment) is not { } trial)
        {
            return;
        }

        trial = trial.Ended(_clock.GetUtcNow());
        var entry = trial.Entry with { WeightsSha256 = progress.WeightsSha256 ?? trial.Entry.WeightsSha256 };
        switch (progress.Final)
        {
            case RunCompleted completed:
                entry = entry with
                {
                    State = TrialState.Completed,
                    Metrics = TrialMetrics.Of(completed, entry, trial.Trained),
                    WeightsSha256 = completed.WeightsSha256,
                };
                Set(trial with { Entry = entry });
                Say(new TrialCompleted { Trial = entry.ToResult() });
                break;
            case RunFailed failed:
                Fail(trial, entry, failed.Error, failed.BadInput);
                break;
            case RunCancelled when trial.StopReason is { } reason:
                Finish(trial with { Entry = entry }, reason);
                break;
            case RunCancelled when IsAtRung(entry):
                Set(trial with { Entry = entry with { State = TrialState.Paused }, Snapshot = progress.Snapshot, IsPausing = false });
                Say(new TrialPaused { Number = number, Rung = entry.Rung, Epochs = entry.Epochs });
                break;
            case RunCancelled when trial.IsPausing:
                Set(trial with { Entry = entry with { State = TrialState.Pending }, Snapshot = progress.Snapshot ?? trial.Snapshot, IsPausing = false });
                Say(new TrialPaused { Number = number, Epochs = entry.Epochs });
                break;
            case RunCancelled cancelled:
                Finish(trial with { Entry = entry }, $"its run was cancelled: {cancelled.Reason}");
                break;
        }
    }

    /// <summary>The run could not be started at all.</summary>
    public void Refuse(int number, int segment, string error)
    {
        if (FindRunning(number, segment) is { } trial)
        {
            Fail(trial.Ended(_clock.GetUtcNow()), trial.Entry, error, isHopeless: true);
        }
    }

    /// <summary>Stops a trial: at once if it has no run, else when its run has ended.</summary>
    public void StopTrial(TrialRecord trial, string reason)
    {
        if (trial.Entry.State == TrialState.Running)
        {
            Set(trial with { StopReason = trial.StopReason ?? reason });
        }
        else
        {
            Finish(trial, reason);
        }
    }

    private bool IsAtRung(TrialEntry entry) => entry.Epochs < Spec.TrialEpochs() && entry.Epochs >= _scheduler.TargetEpochs(entry.Rung);

    private TrialRecord? FindRunning(int number, int segment) =>
        _trials[number - 1] is { Entry.State: TrialState.Running } trial && trial.Segment == segment ? trial : null;

    private void Fail(TrialRecord trial, TrialEntry entry, string error, bool isHopeless)
    {
        var willRetry = !isHopeless && entry.Attempts <= Spec.MaxRetries && trial.StopReason is null;
        entry = entry with { State = willRetry ? TrialState.Pending : TrialState.Failed, Error = error };
        Set(trial with { Entry = entry, IsPausing = false, Snapshot = null }); // a retry begins from the start: the snapshot may be what fails
        Say(new TrialFailed { Trial = entry.ToResult(), Error = error, WillRetry = willRetry });
    }

    /// <summary>Trials did not train while nothing ran them.</summary>
    public void ForgetAbsence()
    {
        var now = _clock.GetUtcNow();
        for (var index = 0; index < _trials.Count; index++)
        {
            _trials[index] = _trials[index].CountedTo is null ? _trials[index] : _trials[index] with { CountedTo = now };
        }
    }

    // Not stored for itself: a silo that takes the sweep up counts the gap by what the run says then.
    private void CountTime(int number, int segment, bool isTraining)
    {
        if (FindRunning(number, segment) is { } trial)
        {
            _trials[number - 1] = trial.Counted(_clock.GetUtcNow(), isTraining);
        }
    }

    private void Finish(TrialRecord trial, string reason)
    {
        var entry = trial.Entry with { State = TrialState.Stopped, Error = reason };
        Set(trial with { Entry = entry, StopReason = reason, IsPausing = false });
        Say(new TrialStopped { Trial = entry.ToResult(), Reason = reason });
    }
}
