using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Grains.Sweeps;
using Microsoft.Extensions.Time.Testing;

namespace Lcnn.Distributed.UnitTests.Sweeps;

public sealed class TrialAdditionsTests
{
    private static readonly SweepSpec _spec = new()
    {
        Base = Recipes.Default() with { Epochs = 9 },
        Parameters = [ParameterSpec.OneOf("lr", 0.01, 0.02, 0.05)],
        OutputDirectory = "/sweep",
    };

    [Theory]
    [InlineData(null, 1, false)]
    [InlineData(2, 1, true)]
    [InlineData(2, 2, false)]
    public void Check_TrialsOfAGrid_AreNoMoreThanItsCells(int? maxTrials, int count, bool isGranted)
    {
        var problems = TrialAdditions.Check(Board(_spec with { MaxTrials = maxTrials }), new AddTrials { Count = count }, []);

        Assert.Equal(isGranted, problems.Count == 0);
        Assert.All(problems, problem => Assert.StartsWith("sampler 'grid' has 3 trials", problem.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("asha", false)]
    [InlineData("none", true)]
    public void Check_OtherEpochsThanTheRungs_AreRefused(string scheduler, bool isGranted)
    {
        var board = Board(_spec with { Scheduler = new SchedulerSpec { Kind = scheduler } });

        var problems = TrialAdditions.Check(board, new AddTrials { Parameters = [new ParameterSet([new("epochs", 5)])] }, []);

        Assert.Equal(isGranted, problems.Count == 0);
        Assert.All(problems, problem => Assert.Contains("expected 9, by which scheduler 'asha' compares trials, got 5", problem.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Check_TrialLargerThanTheCluster_IsRefused()
    {
        var silo = new SiloReport { Slots = [new SlotReport(new DeviceSlot("silo", 0, "cpu"), null)] };

        var problems = TrialAdditions.Check(Board(_spec), new AddTrials { Parameters = [new ParameterSet([new("workers", 2)])] }, [silo]);

        Assert.StartsWith("a trial of 2 workers needs 2 slots, the cluster has 1", Assert.Single(problems).Message, StringComparison.Ordinal);
    }

    private static SweepBoard Board(SweepSpec spec) => new("s", spec, new SweepRecord { Phase = SweepPhase.Running }, [], new FakeTimeProvider());
}
