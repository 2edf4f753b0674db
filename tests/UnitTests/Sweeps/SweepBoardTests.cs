using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Grains.Sweeps;
using Microsoft.Extensions.Time.Testing;

namespace Lcnn.Distributed.UnitTests.Sweeps;

public sealed class SweepBoardTests
{
    private static readonly SweepSpec _spec = new()
    {
        Base = Recipes.Default() with { Epochs = 4, Workers = 1 },
        Parameters = [ParameterSpec.OneOf("lr", 0.01, 0.02, 0.05)],
        OutputDirectory = "/sweep",
        MaxConcurrent = 2,
    };

    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Plan_FreePlaces_AreFilledInOrderAndNoFurther()
    {
        var board = Start(_spec);

        Assert.Equal([1, 2], board.Running.Select(trial => trial.Entry.Number));
        Assert.Equal(["s-0001", "s-0002"], board.Running.Select(trial => trial.Entry.RunId));

        Complete(board, 1);
        Plan(board);

        Assert.Equal([2, 3], board.Running.Select(trial => trial.Entry.Number));
        Assert.False(SweepPlanner.IsDone(board));
    }

    [Fact]
    public void Plan_EveryTrialDone_IsDone()
    {
        var board = Start(_spec);
        foreach (var number in new[] { 1, 2, 3 })
        {
            Complete(board, number);
            Plan(board);
        }

        Assert.True(SweepPlanner.IsDone(board));
    }

    [Fact]
    public void End_FailedRun_IsTriedAgainFromTheStartAsOftenAsAllowed()
    {
        var board = Start(_spec with { MaxRetries = 1 });

        Fail(board, 1);
        Assert.Equal(TrialState.Pending, board.Trials[0].Entry.State);
        Plan(board);
        Assert.Equal(("s-0001-2", 2), (board.Trials[0].Entry.RunId, board.Trials[0].Entry.Attempts));

        Fail(board, 1);
        Assert.Equal((TrialState.Failed, "broken"), (board.Trials[0].Entry.State, board.Trials[0].Entry.Error));
    }

    [Fact]
    public void End_PromotedTrialThatFails_BeginsFromTheStartAndEndsWithItsError()
    {
        var board = Start(_spec with { Scheduler = new SchedulerSpec { Kind = "asha", Reduction = 2, MinEpochs = 1 }, MaxConcurrent = 1, MaxRetries = 1 });
        PauseAtRung(board, 1, accuracy: 0.9);
        Plan(board);
        PauseAtRung(board, 2, accuracy: 0.5);
        Plan(board);
        Assert.Equal("/snapshot-1", board.RunSpecOf(Assert.Single(board.Running)).ResumeFrom);

        Fail(board, 1);
        Plan(board);
        var retried = Assert.Single(board.Running);
        Assert.Equal((1, 2, null, 2), (retried.Entry.Number, retried.Entry.Attempts, board.RunSpecOf(retried).ResumeFrom, board.RunSpecOf(retried).PauseAfterEpoch));

        Fail(board, 1);
        Assert.Equal((TrialState.Failed, "broken"), (board.Trials[0].Entry.State, board.Trials[0].Entry.Error));
    }

    [Fact]
    public void Pause_BeforeTheFirstSnapshot_UsesUpNoRetry()
    {
        var board = Start(_spec with { MaxConcurrent = 1, MaxRetries = 1 });
        for (var pause = 0; pause < 3; pause++)
        {
            PauseSweep(board, snapshot: null);
            board.Enter(SweepPhase.Running);
            Plan(board);
        }

        Fail(board, 1);

        Assert.Equal((TrialState.Pending, 1), (board.Trials[0].Entry.State, board.Trials[0].Entry.Attempts));
    }

    [Fact]
    public void End_RunRefusedForItsInput_IsNotTriedAgain()
    {
        var board = Start(_spec);

        End(board, 1, new RunFailed { Error = "no such data", BadInput = true });

        Assert.Equal(TrialState.Failed, board.Trials[0].Entry.State);
    }

    [Fact]
    public void Report_EpochsOfAReplayOrAnEarlierRun_CountOnce()
    {
        var board = Start(_spec);
        var version = board.Version;

        board.Report(1, 1, [Epoch(1), Epoch(2)]);
        board.Report(1, 1, [Epoch(1), Epoch(2)]);
        board.Report(1, segment: 7, [Epoch(3)]);

        Assert.Equal([1, 2], board.Trials[0].Entry.Reports.Select(report => report.Epoch));
        Assert.True(board.Version > version);
    }

    [Fact]
    public void Add_DrawnAndGivenTrials_SaysHowManyOfBothOnce()
    {
        var board = Start(_spec with { Sampler = new SamplerSpec { Kind = "random" }, MaxTrials = 3 });
        var request = new AddTrials { Count = 2, Parameters = [new ParameterSet([new("lr", 0.5)])] };

        board.Add(request);
        board.Add(request);

        var said = Assert.Single(board.Take(new SweepRecord(), logSequence: 0, TimeSpan.Zero).Events.OfType<TrialsAdded>());
        Assert.Equal((3, 6), (said.Count, said.Trials));
    }

    [Fact]
    public void NextDeadline_OfTheWholeSweep_IsWhatItsActiveTimeLeaves()
    {
        var board = Start(_spec with { MaxDuration = TimeSpan.FromHours(1) });

        Assert.Equal(TimeSpan.FromMinutes(50), SweepPlanner.NextDeadline(board, TimeSpan.FromMinutes(10), _clock.GetUtcNow()));
        Assert.Equal(TimeSpan.Zero, SweepPlanner.NextDeadline(board, TimeSpan.FromHours(2), _clock.GetUtcNow()));
    }

    [Fact]
    public void End_SecondEndOfTheSameRun_ChangesNothing()
    {
        var board = Start(_spec);
        Complete(board, 1);
        var version = board.Version;

        Complete(board, 1);

        Assert.Equal(version, board.Version);
    }

    [Fact]
    public void Plan_EpochBudgetSpent_StopsEveryTrialAndBeginsNone()
    {
        var board = Start(_spec with { MaxEpochs = 3 });

        board.Report(1, 1, [Epoch(1), Epoch(2), Epoch(3)]);
        Plan(board);

        Assert.Equal(SweepPhase.Stopping, board.Phase);
        Assert.All(board.Running, trial => Assert.Equal("the sweep's 3 epochs are spent", trial.StopReason));
        End(board, 1, new RunCancelled());
        End(board, 2, new RunCancelled());
        Assert.True(SweepPlanner.IsDone(board));
    }

    [Fact]
    public void Plan_TimeOfATrialSpent_StopsThatTrialAlone()
    {
        var board = Start(_spec with { MaxTrialDuration = TimeSpan.FromMinutes(1) });
        board.Report(2, 1, []);
        Assert.Equal(TimeSpan.FromMinutes(1), SweepPlanner.NextDeadline(board, TimeSpan.Zero, _clock.GetUtcNow()));
        _clock.Advance(TimeSpan.FromSeconds(30));
        Complete(board, 1);
        Plan(board);
        board.Report(3, 1, []);

        _clock.Advance(TimeSpan.FromSeconds(30));
        Plan(board);

        Assert.NotNull(board.Trials[1].StopReason);
        Assert.Null(board.Trials[2].StopReason);
    }

    [Fact]
    public void Plan_TrialThatWaitsForSlotsOrIsPaused_IsTimedByWhatItTrains()
    {
        var board = Start(_spec with { MaxConcurrent = 1, MaxTrialDuration = TimeSpan.FromMinutes(1) });
        _clock.Advance(TimeSpan.FromHours(1));
        board.Report(1, 1, [], isTraining: false);
        _clock.Advance(TimeSpan.FromSeconds(15));
        Assert.Null(SweepPlanner.NextDeadline(board, TimeSpan.Zero, _clock.GetUtcNow()));
        board.Report(1, 1, [Epoch(1)]);
        _clock.Advance(TimeSpan.FromSeconds(15));
        PauseSweep(board, "/snapshot-1");
        _clock.Advance(TimeSpan.FromHours(1));
        board.Enter(SweepPhase.Running);
        Plan(board);

        _clock.Advance(TimeSpan.FromSeconds(10));
        board.Report(1, 2, [Epoch(2)]);
        Plan(board);

        Assert.Null(board.Trials[0].StopReason);
        Assert.Equal([15, 40], board.Trials[0].Entry.Reports.Select(report => report.Metrics["seconds"]));
        Assert.Equal(TimeSpan.FromSeconds(20), SweepPlanner.NextDeadline(board, TimeSpan.Zero, _clock.GetUtcNow()));
    }

    [Fact]
    public void Plan_TimeOfTheSweepSpent_StopsIt()
    {
        var board = Start(_spec with { MaxDuration = TimeSpan.FromMinutes(1) });

        SweepPlanner.Plan(board, TimeSpan.FromMinutes(1), _clock.GetUtcNow());

        Assert.Equal(SweepPhase.Stopping, board.Phase);
    }

    [Fact]
    public void Fail_WhateverIsUnderWay_KeepsWhatTrialsHaveDoneAndSaysNothingMore()
    {
        var board = Start(_spec);
        Complete(board, 1);
        board.Report(2, 1, [Epoch(1)]);

        board.Fail("broken");
        var (record, events) = board.Take(new SweepRecord(), 0, TimeSpan.Zero);

        Assert.Equal((SweepPhase.Failed, "broken"), (record.Phase, record.StopReason));
        var failed = Assert.IsType<SweepFailed>(events[^1]);
        Assert.Equal([(TrialState.Completed, 0), (TrialState.Stopped, 1)], failed.Trials.Select(trial => (trial.State, trial.Epochs)));
        Assert.Equal("broken", failed.Error);
    }

    [Fact]
    public void Pause_RunningTrials_ArePendingWithTheirSnapshotsAndGoOnFromThem()
    {
        var board = Start(_spec);
        board.Pause();
        Assert.All(board.Running, trial => Assert.True(trial.IsPausing));

        foreach (var number in new[] { 1, 2 })
        {
            board.End(number, 1, new RunProgress { Final = new RunCancelled(), Snapshot = $"/snapshot-{number}" });
        }

        Plan(board);
        Assert.Equal(SweepPhase.Paused, board.Phase);
        board.Enter(SweepPhase.Running);
        Plan(board);

        Assert.Equal(["s-0001-2", "s-0002-2"], board.Running.Select(trial => trial.Entry.RunId));
        Assert.Equal("/snapshot-2", board.RunSpecOf(board.Trials[1]).ResumeFrom);
        Assert.All(board.Running, trial => Assert.Equal(1, trial.Entry.Attempts));
    }

    [Fact]
    public void Asha_Rungs_AreEndsOfRunsThatGoOnWhenPromoted()
    {
        var board = Start(_spec with { Scheduler = new SchedulerSpec { Kind = "asha", Reduction = 2, MinEpochs = 1 }, MaxConcurrent = 1 });
        Assert.Equal(1, board.RunSpecOf(board.Trials[0]).PauseAfterEpoch);

        PauseAtRung(board, 1, accuracy: 0.9);
        Plan(board);
        PauseAtRung(board, 2, accuracy: 0.5);
        Plan(board);

        var promoted = Assert.Single(board.Running);
        Assert.Equal((1, 1, 2, "/snapshot-1"), (promoted.Entry.Number, promoted.Entry.Rung, board.RunSpecOf(promoted).PauseAfterEpoch, board.RunSpecOf(promoted).ResumeFrom));
    }

    [Fact]
    public void Take_ARecord_BringsTheBoardBackWhereItWas()
    {
        var board = Start(_spec);
        board.Report(1, 1, [Epoch(1)]);
        board.Add(new AddTrials { Count = 2, Parameters = [new ParameterSet([new("lr", 0.03)])] });
        var (record, events) = board.Take(new SweepRecord { Phase = SweepPhase.Running }, logSequence: 5, TimeSpan.FromSeconds(3));

        var restored = new SweepBoard("s", _spec, record, new SweepTrials("s", record).Finish(), _clock);

        Assert.Equal(board.Trials.Select(trial => (trial.Entry.State, trial.Entry.Epochs, trial.Segment)), restored.Trials.Select(trial => (trial.Entry.State, trial.Entry.Epochs, trial.Segment)));
        Assert.Equal((board.Planned, 5L, TimeSpan.FromSeconds(3)), (restored.Planned, record.LogSequence, record.Active));
        Assert.Equal(events.Select(SweepEventJson.Serialize), record.NewEventsJson);
        Assert.Empty(board.Take(record, 9, TimeSpan.Zero).Events);
    }

    private static EpochCompleted Epoch(int epoch, double accuracy = 0.5) => new() { Epoch = epoch, TestAccuracy = accuracy, TestLoss = 1, TrainAccuracy = 0.5, TrainLoss = 1, SamplesPerSecond = 10 };

    [Fact]
    public void Plan_LimitsReachedByTrialsThatAreTrained_LetThemMeasure()
    {
        var board = Start(_spec with { Parameters = [ParameterSpec.OneOf("epochs", 1, 2, 3)], MaxTrialDuration = TimeSpan.FromMinutes(1), MaxEpochs = 2 });

        board.Report(1, 1, [new EpochCompleted { Epoch = 1 }]);
        _clock.Advance(TimeSpan.FromMinutes(2));
        board.Report(2, 1, [new EpochCompleted { Epoch = 1 }]);
        Plan(board);

        Assert.Equal([null, "the sweep's 2 epochs are spent"], board.Trials.Select(trial => trial.StopReason));
        Assert.False(SweepPlanner.IsDone(board));
        Complete(board, 1);
        End(board, 2, new RunCancelled());
        Assert.True(SweepPlanner.IsDone(board));
        Assert.Equal([TrialState.Completed, TrialState.Stopped], board.Entries.Select(trial => trial.State));
    }

    [Fact]
    public void Plan_TimeOfATrialSpentAfterItsLastEpoch_LetsItMeasure()
    {
        var board = Start(_spec with { MaxConcurrent = 1, MaxTrialDuration = TimeSpan.FromMinutes(1) });
        board.Report(1, 1, [.. Enumerable.Range(1, 4).Select(epoch => new EpochCompleted { Epoch = epoch })]);

        _clock.Advance(TimeSpan.FromMinutes(2));
        Plan(board);

        Assert.Null(board.Trials[0].StopReason);
        Assert.Null(SweepPlanner.NextDeadline(board, TimeSpan.Zero, _clock.GetUtcNow()));
    }

    private static void End(SweepBoard board, int number, RunEvent final) =>
        board.End(number, board.Trials[number - 1].Segment, new RunProgress { Final = final });

    private static void Complete(SweepBoard board, int number) => End(board, number, new RunCompleted { TestAccuracy = 0.5, WeightsSha256 = "ab" });

    private static void Fail(SweepBoard board, int number) => End(board, number, new RunFailed { Error = "broken" });

    private static void PauseAtRung(SweepBoard board, int number, double accuracy)
    {
        board.Report(number, 1, [Epoch(1, accuracy)]);
        board.End(number, 1, new RunProgress { Final = new RunCancelled(), Snapshot = $"/snapshot-{number}" });
    }

    private void PauseSweep(SweepBoard board, string? snapshot)
    {
        board.Pause();
        var trial = Assert.Single(board.Running);
        board.End(trial.Entry.Number, trial.Segment, new RunProgress { Final = new RunCancelled(), Snapshot = snapshot });
        Plan(board);
    }

    private SweepBoard Start(SweepSpec spec)
    {
        var board = new SweepBoard("s", spec, new SweepRecord { Phase = SweepPhase.Running }, [], _clock);
        Plan(board);
        return board;
    }

    private void Plan(SweepBoard board) => SweepPlanner.Plan(board, TimeSpan.Zero, _clock.GetUtcNow());
}
