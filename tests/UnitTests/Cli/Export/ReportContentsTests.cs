using Lcnn.Distributed.Cli.Export.Html;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.UnitTests.Cli.Export;

public sealed class ReportContentsTests
{
    private static readonly ReportContent _content = ReportContents.Of(SampleSweep.Export(24));

    [Fact]
    public void Axes_OfEveryKind_HaveTheirScale()
    {
        Assert.Equal(["lr log", "batchSize category", "loss category", "momentum value", "betaWeight log"], _content.Parameters.Select(axis => $"{axis.Name} {axis.Scale}"));
        Assert.Equal(["32", "64", "128"], _content.Parameters[1].Categories);
        Assert.Equal(["crossEntropy", "curvature"], _content.Parameters[2].Categories);
    }

    [Fact]
    public void Places_OfConditionalParameter_AreMissingWhereItIs()
    {
        var byLoss = _content.Trials.ToLookup(trial => trial.Places[2], trial => double.IsNaN(trial.Places[4]));

        Assert.All(byLoss[0], Assert.True);
        Assert.All(byLoss[1], Assert.False);
    }

    [Fact]
    public void Axis_ValueAddedByHandOutsideTheRange_HasAPlace()
    {
        var export = SampleSweep.Export(2);
        var added = export.Trials[0] with { Number = 3, Parameters = new ParameterSet([new("lr", 0.0), new("batchSize", 256), new("workers", 2)]) };
        var content = ReportContents.Of(export with { Trials = [.. export.Trials, added] });

        Assert.Equal("value", content.Parameters[0].Scale);
        Assert.Equal(["32", "64", "128", "256"], content.Parameters[1].Categories);
        Assert.Equal(3, content.Trials[2].Places[1]);
        Assert.Equal(("workers", 0.0), (content.Parameters[^1].Name, content.Trials[2].Places[^1]));
    }

    [Fact]
    public void Importance_OfAccuracy_IsTheLearningRatesFirst()
    {
        Assert.Equal("lr", _content.Goals[0].Importance[0].Parameter);
        Assert.Equal("loss", _content.Goals[1].Importance[0].Parameter);
        Assert.InRange(_content.Goals[0].Importance[0].Share, 0.4, 1);
    }

    [Fact]
    public void Best_OverTheTrials_NeverGetsWorseAndIgnoresStoppedOnes()
    {
        var accuracies = _content.Goals[0].Best.Where(double.IsFinite).ToArray();
        var completed = _content.Trials.Where(trial => trial.State == "completed").ToArray();

        Assert.Equal(accuracies.Order(), accuracies);
        Assert.Equal(completed.Max(trial => trial.Goals[0]), accuracies[^1]);
        Assert.Equal(completed.Min(trial => trial.Goals[1]), _content.Goals[1].Best[^1]);
    }

    [Fact]
    public void Fronts_AccuracyAndCurvature_AreWeighedOnce()
    {
        var front = Assert.Single(_content.Fronts);

        Assert.Equal(("curvature", "testAccuracy"), (front.X, front.Y));
        var chosen = front.Points.Where(point => point.IsOnFront).OrderBy(point => point.X).ToArray();
        Assert.InRange(chosen.Length, 2, front.Points.Count - 1);
        Assert.Equal(chosen.Select(point => point.Y).Order(), chosen.Select(point => point.Y));
    }

    [Fact]
    public void Fronts_TwoOtherGoals_AreAPairOfTheirOwn()
    {
        var export = SampleSweep.Export(12);
        var content = ReportContents.Of(export with
        {
            Spec = export.Spec with { Goals = [new GoalSpec("testLoss", IsMaximized: false), new GoalSpec("testAccuracy", IsMaximized: true)] },
        });

        Assert.Equal(["curvature testAccuracy", "testAccuracy testLoss"], content.Fronts.Select(front => $"{front.X} {front.Y}"));
    }

    [Fact]
    public void ComparableValues_MostTrialsEndedEarly_AreThoseOfTheEpochThatHalfMade()
    {
        TrialEntry Trial(int number, int epochs, TrialState state) => new()
        {
            Number = number,
            State = state,
            Epochs = epochs,
            Metrics = new Dictionary<string, double> { ["testLoss"] = 10 * epochs },
            Reports = [.. Enumerable.Range(1, epochs).Select(epoch => new TrialReport(epoch, new Dictionary<string, double> { ["testLoss"] = 10 * epoch }))],
        };

        var values = ComparableValues.Of("testLoss",
            [Trial(1, 9, TrialState.Completed), Trial(2, 3, TrialState.Stopped), Trial(3, 3, TrialState.Paused), Trial(4, 1, TrialState.Stopped), Trial(5, 1, TrialState.Failed)]);

        Assert.Equal([(1, 30.0), (2, 30.0), (3, 30.0)], values.Values.Select(pair => (pair.Trial.Number, pair.Value)));
        Assert.Equal("epoch 3 of 3 trials, as most were ended early", values.Basis);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Of_HardlyAnyTrials_SaysNothingThatCannotBeTold(int trials)
    {
        var content = ReportContents.Of(SampleSweep.Export(trials));

        Assert.All(content.Goals.SelectMany(goal => goal.Importance), share => Assert.Equal(double.NaN, share.Share));
        Assert.Equal(trials, content.Trials.Count);
        Assert.Equal(trials, content.Fronts.Sum(front => front.Points.Count));
    }
}
