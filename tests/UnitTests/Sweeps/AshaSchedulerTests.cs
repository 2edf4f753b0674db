using CsCheck;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Grains.Sweeps;

namespace Lcnn.Distributed.UnitTests.Sweeps;

public sealed class AshaSchedulerTests
{
    // The setting of the paper's Figure 1, bracket 0: r = 1, R = 9, eta = 3, nine configurations.
    private static readonly SweepSpec _figureOne = Spec(epochs: 9, reduction: 3, minEpochs: 1);

    [Theory]
    [InlineData(9, 3, 1, new[] { 1, 3, 9 })]
    [InlineData(5, 3, 1, new[] { 1, 3, 5 })]
    [InlineData(20, 2, 3, new[] { 3, 6, 12, 20 })]
    [InlineData(2, 4, 1, new[] { 1, 2 })]
    [InlineData(int.MaxValue, 100, 1, new[] { 1, 100, 10_000, 1_000_000, 100_000_000, int.MaxValue })]
    public void Rungs_AnySetting_AreGeometricAndEndWithTheTrial(int epochs, int reduction, int minEpochs, int[] rungs)
    {
        var spec = Spec(epochs, reduction, minEpochs);

        Assert.Equal(rungs, AshaRungs.Of(spec));
        Assert.Equal(epochs, new AshaScheduler(spec).TargetEpochs(rungs.Length + 3));
    }

    // Worked out by hand from get_job of Algorithm 2 with one worker: the highest rung first, then a new configuration.
    [Fact]
    public void NextPromotion_OneWorkerInThePapersSetting_GivesTheJobsOfAlgorithm2()
    {
        double[] atRung0 = [.7, .5, .9, .3, .8, .2, .6, .4, .1];
        var atRung1 = new Dictionary<int, double> { [2] = .45, [4] = .15, [6] = .25, [9] = .05 };

        var jobs = Simulate(_figureOne, atRung0.Length, (number, rung) => rung switch { 0 => atRung0[number - 1], 1 => atRung1[number], _ => 0.01 }).Jobs;

        Assert.Equal(
            ["new 1", "new 2", "new 3", "2 to 1", "new 4", "4 to 1", "new 5", "new 6", "6 to 1", "4 to 2", "new 7", "new 8", "new 9", "9 to 1", "9 to 2"],
            jobs);
    }

    [Theory]
    [InlineData(8, true)]
    [InlineData(9, false)]
    public void Warnings_FewerTrialsThanOneToTheEndTakes_SayHowMany(int trials, bool isWarned)
    {
        var spec = _figureOne with { Sampler = new SamplerSpec { Kind = "random" }, MaxTrials = trials };

        Assert.Equal(isWarned, spec.Warnings().Any(warning => warning.Contains("it takes 9 trials", StringComparison.Ordinal)));
        Assert.Empty((spec with { Scheduler = new SchedulerSpec() }).Warnings());
    }

    [Fact]
    public void NextPromotion_EqualLosses_TakesTheLowestNumber()
    {
        var trials = Enumerable.Range(1, 6).Select(number => Trials.Reported(number, TrialState.Paused, 0, 0.5)).Reverse().ToArray();

        Assert.Equal(new TrialPromotion(1, 1, 3), new AshaScheduler(_figureOne).NextPromotion(trials));
    }

    [Fact]
    public void NextPromotion_BestTrialFailedOrHasNoNumber_IsNotPromoted()
    {
        TrialEntry[] trials =
        [
            Trials.Reported(1, TrialState.Failed, 0, 0.1), Trials.Reported(2, TrialState.Paused, 0, double.NaN),
            Trials.Reported(3, TrialState.Paused, 0, 0.3), Trials.Reported(4, TrialState.Paused, 0, 0.4),
        ];
        var scheduler = new AshaScheduler(_figureOne);

        Assert.Null(scheduler.NextPromotion(trials));
        Assert.Null(scheduler.NextPromotion([]));
        Assert.Equal(3, scheduler.NextPromotion([.. trials, Trials.Reported(5, TrialState.Paused, 0, 1), Trials.Reported(6, TrialState.Paused, 0, 1)])!.Number);
    }

    [Fact]
    public void NextPromotion_AnyLosses_IsOnceEachAndFromTheTopOfTheRung() =>
        Gen.Select(Gen.Int[2, 4], Gen.Int[1, 40], Gen.Int[0, 1000]).Sample((reduction, count, seed) =>
        {
            var spec = Spec(epochs: 16, reduction, minEpochs: 1);
            var random = new Random(seed);
            var losses = Enumerable.Range(0, 200).Select(_ => (double)random.Next(20)).ToArray();

            var (jobs, trials) = Simulate(spec, count, (number, rung) => losses[(number * 4) + rung], Check);

            Assert.Equal(jobs.Count, jobs.Distinct().Count());
            Assert.All(trials, trial => Assert.True(trial.State is TrialState.Paused or TrialState.Completed));

            void Check(TrialPromotion promotion, IReadOnlyList<TrialEntry> known)
            {
                var epoch = new AshaScheduler(spec).TargetEpochs(promotion.Rung - 1);
                var recorded = known.Where(trial => trial.Epochs >= epoch).ToArray();
                var own = losses[(promotion.Number * 4) + promotion.Rung - 1];
                var better = recorded.Count(trial => losses[(trial.Number * 4) + promotion.Rung - 1] < own);
                Assert.True(better < recorded.Length / reduction, $"{better} of {recorded.Length} are better");
            }
        }, iter: 200);

    // One worker: each job runs to its rung before the next is asked for.
    private static (List<string> Jobs, List<TrialEntry> Trials) Simulate(
        SweepSpec spec, int count, Func<int, int, double> lossAt, Action<TrialPromotion, IReadOnlyList<TrialEntry>>? check = null)
    {
        var (scheduler, rungs) = (new AshaScheduler(spec), AshaRungs.Of(spec));
        List<TrialEntry> trials = [];
        List<string> jobs = [];
        while (true)
        {
            if (scheduler.NextPromotion(trials) is { } promotion)
            {
                check?.Invoke(promotion, trials);
                jobs.Add($"{promotion.Number} to {promotion.Rung}");
                trials[promotion.Number - 1] = Trained(promotion.Number, promotion.Rung);
            }
            else if (trials.Count < count)
            {
                jobs.Add($"new {trials.Count + 1}");
                trials.Add(Trained(trials.Count + 1, 0));
            }
            else
            {
                return (jobs, trials);
            }
        }

        TrialEntry Trained(int number, int rung)
        {
            var losses = Enumerable.Range(1, scheduler.TargetEpochs(rung))
                .Select(epoch => lossAt(number, rungs.TakeWhile(end => end < epoch).Count())).ToArray();
            return Trials.Reported(number, rung == rungs.Count - 1 ? TrialState.Completed : TrialState.Paused, rung, losses);
        }
    }

    private static SweepSpec Spec(int epochs, int reduction, int minEpochs) => new()
    {
        Base = Recipes.Default() with { Epochs = epochs },
        Scheduler = new SchedulerSpec { Kind = "asha", Reduction = reduction, MinEpochs = minEpochs },
        Goals = [new GoalSpec("testLoss", IsMaximized: false)],
    };
}
