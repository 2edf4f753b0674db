using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Grains.Runs;
using Microsoft.Extensions.Time.Testing;

namespace Lcnn.Distributed.UnitTests.Grains;

public sealed class RunGenerationTests
{
    private static readonly TimeSpan _stall = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _join = TimeSpan.FromSeconds(1000);
    private static readonly TimeSpan _gather = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _clock = new();
    private readonly MemberRecord[] _members =
        [.. Enumerable.Range(0, 3).Select(rank => new MemberRecord { Rank = rank, Silo = $"silo-{rank}", Incarnation = Guid.NewGuid() })];

    [Fact]
    public async Task Finish_EveryRank_EndsInRankOrder()
    {
        var generation = Create();

        foreach (var rank in (int[])[2, 0, 1])
        {
            Assert.False(generation.End.IsCompleted);
            generation.Finish(new WorkerFinished { Report = new RankReport { Rank = rank } });
        }

        var end = Assert.IsType<GenerationEnd.Finished>(await generation.End);
        Assert.Equal([0, 1, 2], end.Ranks.Select(rank => rank.Report.Rank));
    }

    [Fact]
    public async Task CheckProgress_OneRankComputesAndOthersWaitForIt_NamesRankSiloStepAndPhase()
    {
        var generation = Create();
        generation.Take(Pulse(0, step: 7, "apply", waitingFor: 1));
        generation.Take(Pulse(1, step: 7, "compute"));
        generation.Take(Pulse(2, step: 7, "apply", waitingFor: 1));

        _clock.Advance(_stall);
        generation.CheckProgress(_stall, _join, _gather);

        var end = Assert.IsType<GenerationEnd.Lost>(await generation.End);
        Assert.Equal("rank 1 on silo-1 was lost at step 8 (compute): no progress for 10 s", end.Reason);
        Assert.Equal(("silo-1", null, false), (end.Silo, end.Avoid, end.IsSiloGone));
    }

    // Rank 2 is heard first, so that it is the first without progress for so long; it waits for one that waits itself.
    [Fact]
    public async Task CheckProgress_OneRankComputesAndOthersWaitInARow_NamesTheOneAtTheirEnd()
    {
        var generation = Create();
        generation.Take(Pulse(2, step: 7, "compute", waitingFor: 0) with { Progress = 1 });
        _clock.Advance(_stall / 10);
        generation.Take(Pulse(0, step: 7, "compute", waitingFor: 1) with { Progress = 1 });
        generation.Take(Pulse(1, step: 7, "compute") with { Progress = 1 });

        _clock.Advance(_stall * 0.9);
        generation.CheckProgress(_stall, _join, _gather);
        Assert.False(generation.End.IsCompleted);
        _clock.Advance(_stall / 10);
        generation.CheckProgress(_stall, _join, _gather);

        Assert.StartsWith("rank 1 ", Assert.IsType<GenerationEnd.Lost>(await generation.End).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void CheckProgress_OneRankIsSlowAndOthersWaitForIt_NobodyIsLost()
    {
        var generation = Create();
        generation.Take(Pulse(0, step: 9, "evaluate", waitingFor: 2));
        generation.Take(Pulse(1, step: 9, "evaluate", waitingFor: 2));
        for (var progress = 1; progress <= 5; progress++)
        {
            _clock.Advance(_stall * 0.9);
            generation.Take(Pulse(2, step: 9, "evaluate") with { Progress = progress });
            generation.CheckProgress(_stall, _join, _gather);
        }

        Assert.False(generation.End.IsCompleted);
    }

    // A store that is away holds up reports, and with them the coordinator: that is no rank's fault.
    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void CheckProgress_TrainingHasEndedAndReportsWait_NobodyIsLost(int waitsForIt)
    {
        var generation = Create();
        generation.Take(Pulse(0, step: 9, "evaluate", waitingFor: 2)); // waits for one that waits
        generation.Take(Pulse(1, step: 9, "leave") with { IsReporting = true });
        generation.Take(Pulse(2, step: 9, "evaluate", waitsForIt) with { IsReporting = waitsForIt < 0 });

        _clock.Advance(_stall * 10);
        generation.CheckProgress(_stall, _join, _gather);

        Assert.False(generation.End.IsCompleted);
    }

    [Fact]
    public async Task CheckProgress_OneRankHangsWhileAnothersReportsWait_IsLost()
    {
        var generation = Create();
        generation.Take(Pulse(0, step: 9, "leave") with { IsReporting = true });
        generation.Take(Pulse(1, step: 9, "leave") with { IsReporting = true });
        generation.Take(Pulse(2, step: 9, "evaluate"));

        _clock.Advance(_stall);
        generation.CheckProgress(_stall, _join, _gather);

        Assert.Equal("rank 2 on silo-2 was lost at step 10 (evaluate): no progress for 10 s", Assert.IsType<GenerationEnd.Lost>(await generation.End).Reason);
    }

    // Pulses come every few seconds: what a run goes on from may be newer than the last of them.
    [Fact]
    public async Task Lose_StepsWereMadeSinceItsLastPulse_NamesTheStepItIsLostAt()
    {
        var generation = Create();
        generation.Take(Pulse(1, step: 36, "compute"));
        generation.NoteStep(46);

        generation.Lose(1, "its silo has left the cluster");

        Assert.Equal(
            "rank 1 on silo-1 was lost at step 47 (last heard of at step 37: compute): its silo has left the cluster",
            Assert.IsType<GenerationEnd.Lost>(await generation.End).Reason);
    }

    [Fact]
    public async Task Adopt_RankThatDoesNotAnswerAtOnce_IsKeptUntilItStalls()
    {
        var slow = Adopted(null);
        _clock.Advance(_stall / 2);
        slow.CheckProgress(_stall, _join, _gather);
        Assert.False(slow.End.IsCompleted);
        Assert.Contains(_members[2], slow.SilentFor(_stall / 2));

        _clock.Advance(_stall / 2);
        slow.CheckProgress(_stall, _join, _gather);

        Assert.Equal(
            "rank 2 on silo-2 was lost at step 8 (not heard of since another coordinator was lost): no progress for 10 s",
            Assert.IsType<GenerationEnd.Lost>(await slow.End).Reason);
    }

    [Fact]
    public async Task Adopt_RankThatWasNeverToldToBegin_IsLostOnceItSaysSo()
    {
        var generation = Adopted(null);
        Assert.False(generation.End.IsCompleted);

        generation.Take(Pulse(2, step: 0, "joining"));

        Assert.Contains("before it was told to begin", Assert.IsType<GenerationEnd.Lost>(await generation.End).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Adopt_EveryRankAnswered_GoesOn()
    {
        var generation = Adopted(Pulse(2, step: 7, "compute") with { HasBegun = true });

        Assert.False(generation.End.IsCompleted);
        Assert.Equal(7, generation.Step);
    }

    [Fact]
    public async Task CheckProgress_EveryRankWaits_TakesTheOneMostWaitedFor()
    {
        var generation = Create();
        generation.Take(Pulse(0, step: 1, "apply", waitingFor: 2));
        generation.Take(Pulse(1, step: 1, "apply", waitingFor: 2));
        generation.Take(Pulse(2, step: 1, "apply", waitingFor: 0));

        _clock.Advance(_stall);
        generation.CheckProgress(_stall, _join, _gather);

        Assert.StartsWith("rank 2 ", Assert.IsType<GenerationEnd.Lost>(await generation.End).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void CheckProgress_RanksJoinForLong_GoesOn()
    {
        var generation = new RunGeneration(number: 1, _members, _clock);

        _clock.Advance(_stall * 10);
        generation.Take(Pulse(1, step: 0, "joining"));
        generation.CheckProgress(_stall, _join, _gather);
        generation.Begin();
        _clock.Advance(_stall / 2);
        generation.CheckProgress(_stall, _join, _gather);
        Assert.False(generation.End.IsCompleted);
        _clock.Advance(_stall / 2);
        generation.CheckProgress(_stall, _join, _gather);

        Assert.True(generation.End.IsCompleted);
    }

    [Fact]
    public async Task CheckProgress_OneRankNeverJoins_IsLostOnceNothingGetsLoaded()
    {
        var generation = new RunGeneration(number: 1, _members, _clock);
        foreach (var load in (Action[])[generation.NoteLoading, () => generation.NoteJoined(0), () => generation.NoteJoined(2)])
        {
            _clock.Advance(_join * 0.9);
            load();
            generation.CheckProgress(_stall, _join, _gather);
            Assert.False(generation.End.IsCompleted);
        }

        _clock.Advance(_join);
        generation.CheckProgress(_stall, _join, _gather);

        var end = Assert.IsType<GenerationEnd.Lost>(await generation.End);
        Assert.Equal("rank 1 on silo-1 was lost at step 1 (joining): it has not joined, and nothing got loaded for 1000 s", end.Reason);
    }

    [Fact]
    public void SilentFor_SomeNotHeardOf_NamesThemOnceTheyHaveBegun()
    {
        var generation = new RunGeneration(number: 1, _members, _clock);
        _clock.Advance(_stall);
        Assert.Empty(generation.SilentFor(_stall));

        generation.Begin();
        _clock.Advance(_stall);
        generation.Take(Pulse(1, step: 0, "compute"));

        Assert.Equal([0, 2], generation.SilentFor(_stall).Select(member => member.Rank));
    }

    [Fact]
    public async Task Refuse_BeforeTheRunHasTrained_EndsIt()
    {
        var generation = Create();

        generation.Refuse(1, "no data here");

        Assert.Equal(new GenerationEnd.Broken("no data here", BadInput: true), await generation.End);
    }

    [Fact]
    public async Task Refuse_OnceTheRunHasTrained_LeavesTheSiloOut()
    {
        var generation = new RunGeneration(number: 2, _members, _clock, canSpareSilos: true);

        generation.Refuse(1, "no data here");

        Assert.Equal(new GenerationEnd.Refused("silo silo-1 is left out: no data here", "silo-1"), await generation.End);
    }

    [Fact]
    public void CheckProgress_PulsesWithProgress_GoesOn()
    {
        var generation = Create();

        for (var progress = 1; progress <= 5; progress++)
        {
            _clock.Advance(_stall * 0.9);
            for (var rank = 0; rank < 3; rank++)
            {
                generation.Take(Pulse(rank, step: 0, "compute") with { Progress = progress });
            }

            generation.CheckProgress(_stall, _join, _gather);
        }

        Assert.False(generation.End.IsCompleted);
    }

    [Fact]
    public async Task Take_AnotherIncarnation_IsALostWorker()
    {
        var generation = Create();

        generation.Take(Pulse(1, step: 3, "compute") with { Incarnation = Guid.Empty });

        Assert.Contains("has forgotten it", Assert.IsType<GenerationEnd.Lost>(await generation.End).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fail_TrainingBroke_IsNotRecoveredFrom()
    {
        var generation = Create();

        generation.Fail(new WorkerFailed(1, "step 4: the gradient of layer 1.f1 is not finite", FailureKind.Training));

        Assert.Equal(new GenerationEnd.Broken("step 4: the gradient of layer 1.f1 is not finite", BadInput: false), await generation.End);
    }

    [Theory]
    [InlineData(new[] { 0, 2 }, new[] { 1, 1 }, 1)] // two cannot reach rank 1
    [InlineData(new[] { 0, 1 }, new[] { 1, 0 }, 1)] // a tie takes the higher rank
    [InlineData(new[] { 1 }, new[] { 0 }, 0)] // the one that is silent
    public async Task Fail_PeersUnreachable_EvictsTheRankThatFewerReach(int[] reporters, int[] unreachable, int evicted)
    {
        var generation = Create();

        foreach (var (reporter, peer) in reporters.Zip(unreachable))
        {
            generation.Fail(new WorkerFailed(reporter, $"rank {reporter}: rank {peer} is cut off", FailureKind.Lost, peer));
        }

        generation.CheckProgress(_stall, _join, _gather);
        Assert.False(generation.End.IsCompleted);
        _clock.Advance(_gather);
        generation.CheckProgress(_stall, _join, _gather);

        var end = Assert.IsType<GenerationEnd.Lost>(await generation.End);
        Assert.StartsWith($"rank {evicted} ", end.Reason, StringComparison.Ordinal);
        Assert.Equal($"silo-{evicted}", end.Avoid);
    }

    [Fact]
    public async Task Take_PulseOfAFinishedRank_CountsAsItsReport()
    {
        var generation = Create();

        for (var rank = 0; rank < 3; rank++)
        {
            generation.Take(Pulse(rank, step: 9, "leave") with { Finished = new WorkerFinished { Report = new RankReport { Rank = rank } } });
        }

        Assert.IsType<GenerationEnd.Finished>(await generation.End);
    }

    [Fact]
    public void Ranks_AfterPulses_AreWhatEachToldLast()
    {
        var generation = Create();
        var work = new RankReport { Rank = 1, Samples = 64, WaitSeconds = 0.5 };
        generation.Take(Pulse(1, step: 7, "compute"));
        generation.Take(Pulse(1, step: 8, "apply, waiting for rank 2", waitingFor: 2) with { Work = work });

        Assert.Equal(
            [
                new RankStatus { Rank = 0, Silo = "silo-0", Activity = "joining" },
                new RankStatus { Rank = 1, Silo = "silo-1", Step = 8, Activity = "apply, waiting for rank 2", WaitingFor = 2, Work = work },
                new RankStatus { Rank = 2, Silo = "silo-2", Activity = "joining" },
            ],
            generation.Ranks);
    }

    private RunGeneration Create()
    {
        var generation = new RunGeneration(number: 1, _members, _clock);
        generation.Begin();
        return generation;
    }

    // Ranks 0 and 1 answered, and wait for the last.
    private RunGeneration Adopted(WorkerPulse? last)
    {
        var generation = new RunGeneration(number: 1, _members, _clock);
        generation.Adopt([
            Pulse(0, step: 7, "apply", waitingFor: 2) with { HasBegun = true }, Pulse(1, step: 7, "apply", waitingFor: 2) with { HasBegun = true }, last]);
        return generation;
    }

    private WorkerPulse Pulse(int rank, long step, string activity, int waitingFor = -1) =>
        new() { Rank = rank, Incarnation = _members[rank].Incarnation, Step = step, Activity = activity, WaitingFor = waitingFor };
}
