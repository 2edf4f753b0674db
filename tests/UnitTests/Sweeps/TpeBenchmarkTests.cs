using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Grains.Sweeps;

namespace Lcnn.Distributed.UnitTests.Sweeps;

/// <summary>TPE against random search at equal budget, two trials under way at once, on functions whose minima are known.</summary>
public sealed class TpeBenchmarkTests(ITestOutputHelper output)
{
    private const int SeedCount = 21;

    [Fact]
    public void Tpe_OnBranin_BeatsRandomSearchInTheMedian() => AssertBetter(
        "Branin", 0.397887, 80, [ParameterSpec.Between("x1", -5, 10), ParameterSpec.Between("x2", 0, 15)],
        x => Math.Pow(x[1] - (5.1 / (4 * Math.PI * Math.PI) * x[0] * x[0]) + (5 / Math.PI * x[0]) - 6, 2)
            + (10 * (1 - (1 / (8 * Math.PI))) * Math.Cos(x[0])) + 10);

    [Fact]
    public void Tpe_OnHartmann6_BeatsRandomSearchInTheMedian() => AssertBetter(
        "Hartmann6", -3.32237, 80, [.. Enumerable.Range(1, 6).Select(i => ParameterSpec.Between($"x{i}", 0, 1))], Hartmann6);

    private static double Hartmann6(double[] x)
    {
        double[] alpha = [1, 1.2, 3, 3.2];
        double[][] a =
            [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]];
        double[][] p =
        [
            [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886], [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
            [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650], [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
        ];
        return -Enumerable.Range(0, 4).Sum(i => alpha[i] * Math.Exp(-Enumerable.Range(0, 6).Sum(j => a[i][j] * Math.Pow(x[j] - p[i][j], 2))));
    }

    private void AssertBetter(string name, double minimum, int trialCount, ParameterSpec[] parameters, Func<double[], double> function)
    {
        double Median(string kind) => Enumerable.Range(0, SeedCount).Select(seed => BestOf(kind, seed, trialCount, parameters, function)).Order().ElementAt(SeedCount / 2);

        var (tpe, random) = (Median("tpe"), Median("random"));

        output.WriteLine($"{name}: minimum {minimum}, median best of {trialCount} trials over {SeedCount} seeds: tpe {tpe:f4}, random {random:f4}");
        Assert.True(tpe < random, $"{name}: tpe {tpe}, random {random}");
        Assert.True(tpe >= minimum - 1e-4);
    }

    private static double BestOf(string kind, long seed, int trialCount, ParameterSpec[] parameters, Func<double[], double> function)
    {
        var sampler = Samplers.Create(new SweepSpec
        {
            Parameters = parameters,
            Sampler = new SamplerSpec { Kind = kind, Seed = seed },
            Goals = [new GoalSpec("testLoss", IsMaximized: false)],
        });
        var trials = new List<TrialEntry>();
        for (var number = 1; number <= trialCount; number++)
        {
            var chosen = sampler.Sample(number, number, trials);
            trials.Add(Trials.Completed(number, chosen, function([.. parameters.Select(parameter => chosen[parameter.Name]!.Number!.Value)])));
        }

        return trials.Min(trial => trial.Metrics["testLoss"]);
    }
}
