using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Grains.Sweeps;
using Microsoft.Extensions.Time.Testing;

namespace Lcnn.Distributed.UnitTests.Sweeps;

public sealed class SweepFiguresTests
{
    private static readonly TimeSpan _active = TimeSpan.FromMinutes(10);

    [Fact]
    public void EstimateTimeLeft_TrialsAtRungs_GoesByTheEpochsThatRungsLeave()
    {
        // Rungs at 1, 3 and 9 epochs: 9 trials make 9 * 1 + 3 * 2 + 1 * 6 epochs.
        var board = Board(new SchedulerSpec { Kind = "asha", Reduction = 3, MinEpochs = 1 });
        for (var number = 1; number <= 7; number++)
        {
            board.Begin(board.AddTrial(number, ParameterSet.Empty));
            board.Report(number, 1, [new EpochCompleted { Epoch = 1 }]);
            board.End(number, 1, new RunProgress { Final = new RunCancelled(), Snapshot = "/snapshot" });
        }

        Assert.Equal(_active / 7 * 14, SweepFigures.EstimateTimeLeft(board, _active));
    }

    [Fact]
    public void EstimateTimeLeft_SweepThatFailed_IsNone()
    {
        var board = Board(new SchedulerSpec());
        board.Begin(board.AddTrial(1, ParameterSet.Empty));
        Assert.Null(SweepFigures.EstimateTimeLeft(board, _active));

        board.Fail("broken");

        Assert.Equal(TimeSpan.Zero, SweepFigures.EstimateTimeLeft(board, _active));
    }

    private static SweepBoard Board(SchedulerSpec scheduler)
    {
        var spec = new SweepSpec
        {
            Base = Recipes.Default() with { Epochs = 9 },
            Parameters = [ParameterSpec.LogBetween("lr", 0.01, 0.1)],
            Sampler = new SamplerSpec { Kind = "random" },
            Scheduler = scheduler,
            MaxTrials = 9,
        };
        return new SweepBoard("s", spec, new SweepRecord { Phase = SweepPhase.Running }, [], new FakeTimeProvider());
    }
}
