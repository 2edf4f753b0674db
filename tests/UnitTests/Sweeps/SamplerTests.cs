using CsCheck;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Grains.Sweeps;

namespace Lcnn.Distributed.UnitTests.Sweeps;

public sealed class SamplerTests
{
    private static readonly ParameterSpec[] _mixed =
    [
        ParameterSpec.LogBetween("lr", 1e-4, 1), ParameterSpec.OneOf("loss", "ce", "curvature", "gradnorm"),
        ParameterSpec.WholeBetween("batchSize", 4, 512, isLog: true),
        ParameterSpec.Between("momentum", 0, 0.9) with { Step = 0.3 },
        ParameterSpec.LogBetween("betaWeight", 1e-4, 1) with { When = [new ParameterCondition("loss", ["curvature"])] },
        ParameterSpec.WholeBetween("seed", -3, 3),
        ParameterSpec.OneOf("augment", true, false),
    ];

    [Fact]
    public void Grid_ConditionalParameter_IsLeftOutWhereItHasNoMeaning()
    {
        ParameterSpec[] parameters =
        [
            ParameterSpec.OneOf("betaWeight", 0.1, 0.2) with { When = [new ParameterCondition("loss", ["curvature"])] },
            ParameterSpec.OneOf("loss", "ce", "curvature"),
            ParameterSpec.WholeBetween("batchSize", 64, 128) with { Step = 64 },
        ];
        var sampler = Samplers.Create(new SweepSpec { Parameters = parameters });

        Assert.Equal(
            [
                "loss=ce, batchSize=64", "loss=ce, batchSize=128",
                "loss=curvature, betaWeight=0.1, batchSize=64", "loss=curvature, betaWeight=0.1, batchSize=128",
                "loss=curvature, betaWeight=0.2, batchSize=64", "loss=curvature, betaWeight=0.2, batchSize=128",
            ],
            Enumerable.Range(1, sampler.TrialCount!.Value).Select(draw => sampler.Sample(draw, draw, []).ToString()));
    }

    [Fact]
    public void List_OfTrials_GivesEachOnceInOrder()
    {
        ParameterSet[] trials = [new([new("method", "standard"), new("seed", 1)]), new([new("method", "lcnn")])];
        var sampler = Samplers.Create(new SweepSpec { Sampler = new SamplerSpec { Kind = "list" }, Trials = trials });

        Assert.Equal(trials, Enumerable.Range(1, sampler.TrialCount!.Value).Select(draw => sampler.Sample(draw, draw, [])));
    }

    [Theory]
    [InlineData(ParameterKind.Range, 0.0, 1.0, 0.1, null, false, new[] { 0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1 })]
    [InlineData(ParameterKind.Range, 0.0, 1.0, 0.4, null, false, new[] { 0, 0.4, 0.8 })]
    [InlineData(ParameterKind.Range, 1.0, 3.0, null, 3, false, new[] { 1.0, 2, 3 })]
    [InlineData(ParameterKind.LogRange, 0.01, 1.0, null, 3, false, new[] { 0.01, 0.1, 1 })]
    [InlineData(ParameterKind.Whole, 1.0, 4.0, null, null, false, new[] { 1.0, 2, 3, 4 })]
    [InlineData(ParameterKind.Whole, 1.0, 100.0, null, 3, true, new[] { 1.0, 10, 100 })]
    [InlineData(ParameterKind.Whole, 1.0, 3.0, null, 3, true, new[] { 1.0, 2, 3 })]
    public void Points_OfARange_AreWhatStepOrCountSay(ParameterKind kind, double low, double high, double? step, int? count, bool isLog, double[] expected)
    {
        var points = ParameterPoints.Of(new ParameterSpec { Kind = kind, Low = low, High = high, Step = step, Count = count, IsLog = isLog });

        Assert.Equal(expected.Length, points.Count);
        Assert.All(points.Zip(expected), pair => Assert.Equal(pair.Second, pair.First.AsNumber!.Value, 1e-12));
    }

    [Fact]
    public void Grid_AnyNumberOfValues_CoversEveryCellOnce() =>
        Gen.Int[1, 4].Array[1, 4].Sample(counts =>
        {
            var parameters = counts.Select((count, i) => ParameterSpec.OneOf($"p{i}", [.. Enumerable.Range(0, count).Select(value => (OptionValue)value)])).ToArray();
            var cells = new SearchSpace(parameters).Cells().ToArray();

            Assert.Equal(counts.Aggregate(1, (product, count) => product * count), cells.Length);
            Assert.Equal(cells.Length, cells.Distinct().Count());
            Assert.Equal(cells.OrderBy(cell => cell.Aggregate(0L, (key, item) => (key * 10) + item.Value.Whole!.Value)), cells);
        });

    [Theory]
    [InlineData("random")]
    [InlineData("tpe")]
    public void Sample_MixedSpace_StaysInItsBoundsAndRepeats(string kind) =>
        Gen.Long.Sample(seed =>
        {
            var (first, again) = (Run(kind, seed, 30), Run(kind, seed, 30));

            Assert.Equal(first.Select(trial => trial.Parameters), again.Select(trial => trial.Parameters));
            Assert.All(first, trial => AssertInside(trial.Parameters));
        }, iter: 20);

    [Fact]
    public void Random_OneDraw_DependsOnNothingElse()
    {
        var sampler = Samplers.Create(Spec("random", 7));

        Assert.Equal(sampler.Sample(5, 5, []), sampler.Sample(9, 5, Run("random", 3, 4)));
        Assert.NotEqual(sampler.Sample(5, 5, []), sampler.Sample(6, 6, []));
        Assert.NotEqual(sampler.Sample(5, 5, []), Samplers.Create(Spec("random", 8)).Sample(5, 5, []));
    }

    [Fact]
    public void Random_ManyDraws_AreUniformOnTheParametersScale()
    {
        var sampler = Samplers.Create(Spec("random", 7));
        var draws = Enumerable.Range(1, 4000).Select(draw => sampler.Sample(draw, draw, [])).ToArray();

        Assert.InRange(draws.Average(draw => Math.Log10(draw["lr"]!.Number!.Value)), -2.1, -1.9);
        Assert.InRange(draws.Count(draw => draw["loss"]!.Text == "ce") / 4000.0, 0.30, 0.37);
        Assert.All(Enumerable.Range(0, 4), i => Assert.InRange(draws.Count(draw => Math.Abs(draw["momentum"]!.Number!.Value - (0.3 * i)) < 1e-9), 900, 1100));
        Assert.All(Enumerable.Range(-3, 7), i => Assert.InRange(draws.Count(draw => draw["seed"]!.Whole == i), 490, 660));
        Assert.All(draws, draw => Assert.Equal(draw["loss"]!.Text == "curvature", draw["betaWeight"] is not null));
    }

    [Fact]
    public void Tpe_NewerAndUnfinishedTrials_ChangeNothing()
    {
        var sampler = Samplers.Create(Spec("tpe", 3));
        var trials = Run("tpe", 3, 40);
        var expected = sampler.Sample(31, 31, trials.Take(28).ToList());

        Assert.Equal(expected, sampler.Sample(31, 31, trials));
        Assert.Equal(expected, sampler.Sample(31, 31, [.. trials.Take(28), trials[28] with { State = TrialState.Running }, trials[29] with { State = TrialState.Failed }]));
        Assert.NotEqual(expected, sampler.Sample(31, 31, [.. trials.Take(28).Select(trial => trial with { Metrics = Trials.Of(-trial.Metrics["testLoss"]) })]));
    }

    [Fact]
    public void Tpe_WaitsForTheTrialsItGoesBy()
    {
        var sampler = Samplers.Create(Spec("tpe", 3));
        const int finished = 11; // trial 12 runs

        Assert.True(sampler.IsReady(14, finished));
        Assert.False(sampler.IsReady(15, finished));
        Assert.True(Samplers.Create(Spec("tpe", 3) with { Scheduler = new SchedulerSpec { Kind = "asha" } }).IsReady(15, finished));
    }

    [Fact]
    public void Tpe_OneCategoryAlwaysBest_IsChosenMostOften()
    {
        var trials = Run("tpe", 11, 80, parameters => parameters["loss"]!.Text == "gradnorm" ? 0 : 1);

        Assert.InRange(trials.Skip(40).Count(trial => trial.Parameters["loss"]!.Text == "gradnorm"), 25, 40);
    }

    // A lag of three: maxConcurrent 3.
    private static SweepSpec Spec(string kind, long seed) => new()
    {
        Parameters = _mixed,
        Sampler = new SamplerSpec { Kind = kind, Seed = seed },
        Goals = [new GoalSpec("testLoss", IsMaximized: false)],
        MaxConcurrent = 3,
    };

    private static List<TrialEntry> Run(string kind, long seed, int count, Func<ParameterSet, double>? loss = null)
    {
        var sampler = Samplers.Create(Spec(kind, seed));
        loss ??= parameters => Math.Abs(Math.Log10(parameters["lr"]!.Number!.Value) + 1) + (parameters["batchSize"]!.Whole!.Value / 500.0);
        List<TrialEntry> trials = [];
        for (var number = 1; number <= count; number++)
        {
            var chosen = sampler.Sample(number, number, trials);
            trials.Add(Trials.Completed(number, chosen, loss(chosen)));
        }

        return trials;
    }

    private static void AssertInside(ParameterSet parameters)
    {
        Assert.InRange(parameters["lr"]!.Number!.Value, 1e-4, 1);
        Assert.InRange(parameters["batchSize"]!.Whole!.Value, 4, 512);
        Assert.InRange(parameters["seed"]!.Whole!.Value, -3, 3);
        Assert.Contains(parameters["momentum"]!.Number!.Value, new[] { 0, 0.3, 0.6, 0.9 });
        Assert.Contains(parameters["loss"]!.Text, new[] { "ce", "curvature", "gradnorm" });
        Assert.NotNull(parameters["augment"]!.Flag);
        Assert.Equal(parameters["loss"]!.Text == "curvature", parameters["betaWeight"] is not null);
    }
}
