using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Grains.Sweeps;

namespace Lcnn.Distributed.UnitTests.Sweeps;

public sealed class MedianSchedulerTests
{
    private static readonly SweepSpec _spec = new()
    {
        Base = Recipes.Default() with { Epochs = 4 },
        Scheduler = new SchedulerSpec { Kind = "median", MinEpochs = 2, StartupTrials = 3 },
        Goals = [new GoalSpec("testLoss", IsMaximized: false)],
    };

    // Averages over the first two epochs: 0.5, 0.7 and 0.9.
    private static readonly TrialEntry[] _completed =
    [
        Trials.Reported(1, TrialState.Completed, 0, 0.6, 0.4, 0.1, 0.1), Trials.Reported(2, TrialState.Completed, 0, 0.8, 0.6, 0.1, 0.1),
        Trials.Reported(3, TrialState.Completed, 0, 1.0, 0.8, 0.1, 0.1),
    ];

    [Theory]
    [InlineData(new[] { 0.9, 0.71 }, TrialVerdict.Stop)]
    [InlineData(new[] { 0.9, 0.69 }, TrialVerdict.Continue)]
    [InlineData(new[] { 0.69, 5 }, TrialVerdict.Continue)] // its best value counts
    [InlineData(new[] { 5.0 }, TrialVerdict.Continue)] // before minEpochs
    [InlineData(new[] { 5.0, 5, 5, 5 }, TrialVerdict.Continue)] // at its end
    [InlineData(new[] { double.NaN, double.NaN }, TrialVerdict.Stop)]
    public void Decide_AgainstThreeCompletedTrials_GoesByTheMedianOfAverages(double[] losses, TrialVerdict expected) =>
        Assert.Equal(expected, Decide(_spec, Trials.Reported(4, TrialState.Running, 0, losses), _completed));

    [Fact]
    public void Decide_TooFewCompletedTrials_Continues() => Assert.Equal(
        TrialVerdict.Continue,
        Decide(_spec, Trials.Reported(4, TrialState.Running, 0, 5, 5), [.. _completed.Take(2), Trials.Reported(3, TrialState.Stopped, 0, 1, 1)]));

    [Fact]
    public void Decide_Stop_SaysWhy() => Assert.Equal(
        "testLoss 0.8 after epoch 2 is worse than the median 0.7 of 3 completed trials",
        new MedianScheduler(_spec).Decide(Trials.Reported(4, TrialState.Running, 0, 0.9, 0.8), _completed).Reason);

    [Theory]
    [InlineData(2, TrialVerdict.Continue)] // its last epoch
    [InlineData(3, TrialVerdict.Stop)]
    [InlineData(9, TrialVerdict.Stop)]
    public void Decide_SweptEpochs_GoesByTheTrialsOwn(int epochs, TrialVerdict expected)
    {
        var spec = _spec with { Parameters = [ParameterSpec.OneOf("epochs", 2, 3, 9)] };
        var trial = Trials.Reported(4, TrialState.Running, 0, 5, 5) with { Parameters = new ParameterSet([new("epochs", epochs)]) };

        Assert.Equal(expected, Decide(spec, trial, _completed));
    }

    [Fact]
    public void Decide_CompletedTrialsThatWereShorter_AreNoMeasure()
    {
        var spec = _spec with { Parameters = [ParameterSpec.OneOf("epochs", 2, 9)] };
        var trial = Trials.Reported(4, TrialState.Running, 0, 5, 5, 5) with { Parameters = new ParameterSet([new("epochs", 9)]) };
        TrialEntry[] shorter = [.. Enumerable.Range(1, 3).Select(number => Trials.Reported(number, TrialState.Completed, 0, 0.1, 0.1))];

        Assert.Equal(TrialVerdict.Continue, Decide(spec, trial, shorter));
    }

    private static TrialVerdict Decide(SweepSpec spec, TrialEntry trial, TrialEntry[] completed) =>
        Schedulers.Create(spec).Decide(trial, [.. completed, trial]).Verdict;
}
