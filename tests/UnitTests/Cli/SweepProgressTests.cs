using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Contracts.Sweeps;
using Microsoft.Extensions.Time.Testing;

namespace Lcnn.Distributed.UnitTests.Cli;

public sealed class SweepProgressTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly SweepProgress _progress;

    public SweepProgressTests() => _progress = new SweepProgress(_clock);

    [Fact]
    public void Apply_TrialsThroughTheirStates_AreCountedAndRanked()
    {
        Apply(
            SweepEvents.Started(), SweepEvents.TrialStarted(1), SweepEvents.TrialStarted(2), SweepEvents.TrialStarted(3),
            SweepEvents.Reported(1, 1, 0.5), SweepEvents.Reported(2, 1, 0.6), SweepEvents.Completed(1, 0.8),
            new TrialPaused { Number = 2, Rung = 0, Epochs = 1 },
            new TrialFailed { Trial = SweepEvents.Result(3, TrialState.Pending, 0, double.NaN, "NaN"), Error = "NaN", WillRetry = true });

        Assert.Equal(["1 Completed", "2 Paused", "3 Pending"], _progress.Trials.Select(trial => $"{trial.Number} {trial.State}"));
        Assert.Equal([1, 2, 3], _progress.Leaderboard.Select(trial => trial.Number));
        Assert.Equal((1, 3, SweepPhase.Running), (_progress.FinishedCount, _progress.Planned, _progress.Phase));

        Apply(new TrialPromoted { Number = 2, Rung = 1, TargetEpochs = 4 }, new TrialResumed { Number = 2, RunId = "sweep-1-0002-2", Epochs = 1 }, SweepEvents.TrialStarted(3, attempt: 2));

        Assert.Equal([2, 3], _progress.Running.Select(trial => trial.Number));
        Assert.Equal((1, "sweep-1-0002-2"), (_progress.Trials.ElementAt(1).Rung, _progress.Trials.ElementAt(1).RunId));
        Assert.Empty(_progress.Trials.ElementAt(2).Metrics);
    }

    [Fact]
    public void Apply_PauseAndResume_AreThePhase()
    {
        Apply(SweepEvents.Started(), SweepEvents.TrialStarted(1), new TrialPaused { Number = 1, Epochs = 2 }, new SweepPaused());
        Assert.Equal((SweepPhase.Paused, TrialState.Pending), (_progress.Phase, Assert.Single(_progress.Trials).State));

        Apply(new SweepResumed());
        Assert.Equal(SweepPhase.Running, _progress.Phase);

        Apply(new TrialsAdded { Count = 2, Trials = 5 });
        Assert.Equal(5, _progress.Planned);
    }

    [Fact]
    public void Times_WithoutAStatus_AreThoseOfTheEvents()
    {
        Assert.Null(_progress.Elapsed);

        Apply(SweepEvents.Started(), SweepEvents.Reported(1, 1, 0.5));

        Assert.Equal(TimeSpan.FromSeconds(20), _progress.Elapsed);
        Assert.Null(_progress.TimeLeft);
        Assert.Null(_progress.Slots);
    }

    [Fact]
    public void Times_AfterAStatus_GoOnByTheClockUntilTheEnd()
    {
        Apply(SweepEvents.Started());
        _progress.Apply(SweepEvents.Status());
        _clock.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal((TimeSpan.FromSeconds(120), TimeSpan.FromSeconds(30)), (_progress.Elapsed, _progress.TimeLeft));
        Assert.Equal((1, 4), _progress.Slots);

        _clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(TimeSpan.Zero, _progress.TimeLeft);

        _progress.Apply(SweepEvents.Status(SweepPhase.Paused));
        _clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(TimeSpan.FromSeconds(100), _progress.Elapsed);

        Apply(SweepEvents.SweepCompleted(SweepEvents.Result(1, TrialState.Completed, 4, 0.9)));
        Assert.Equal((TimeSpan.FromSeconds(88.5), (TimeSpan?)null, SweepPhase.Completed), (_progress.Elapsed, _progress.TimeLeft, _progress.Phase));
    }

    [Fact]
    public void Leaderboard_WithSeveralGoals_IsTheStatusesUntilTheEnd()
    {
        GoalSpec[] goals = [new("testAccuracy", IsMaximized: true), new("testLoss", IsMaximized: false)];
        Apply(SweepEvents.Started(goals), SweepEvents.Completed(1, 0.8));
        Assert.Equal(1, Assert.Single(_progress.Leaderboard).Number);

        _progress.Apply(SweepEvents.Status());
        Assert.Equal(7, Assert.Single(_progress.Leaderboard).Number);

        Apply(SweepEvents.SweepCompleted(SweepEvents.Result(1, TrialState.Completed, 4, 0.8)));
        Assert.Equal(1, Assert.Single(_progress.Leaderboard).Number);
    }

    [Fact]
    public void Apply_LogFromItsMiddle_IsUnderstood()
    {
        Apply(SweepEvents.Reported(5, 2, 0.5), SweepEvents.Best(4, 0.9));

        Assert.Equal((5, TrialState.Running, 2), (Assert.Single(_progress.Running).Number, _progress.Trials.First().State, _progress.Trials.First().Epochs));
        Assert.Equal(4, _progress.Best!.Number);
        Assert.Null(_progress.Started);
    }

    [Fact]
    public void Apply_Failed_TakesTheTrialsAsTheyWereLeft()
    {
        var failed = new SweepFailed { Error = "no storage", Trials = [SweepEvents.Result(1, TrialState.Stopped, 2, 0.5)] };
        Apply(SweepEvents.Started(), SweepEvents.TrialStarted(1), failed);

        Assert.Equal((SweepPhase.Failed, TrialState.Stopped), (_progress.Phase, Assert.Single(_progress.Trials).State));
        Assert.Same(failed, _progress.Final);
    }

    private void Apply(params SweepEvent[] events) => Array.ForEach(events, _progress.Apply);
}
