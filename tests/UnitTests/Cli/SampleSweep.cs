using Lcnn.Distributed.Cli.Export;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.UnitTests.Cli;

/// <summary>A sweep as it could have gone: the learning rate matters most, and what is accurate is curved.</summary>
internal static class SampleSweep
{
    /// <summary>What would run if a page took text for markup.</summary>
    public const string HostileText = "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\"> \"quoted\", a\r\nsecond line";

    public static SweepSpec Spec { get; } = new()
    {
        Name = "curvature <b>of</b> digits",
        Base = Recipes.Default() with { Epochs = 4, CurvatureSamples = 100 },
        Parameters =
        [
            ParameterSpec.LogBetween("lr", 0.01, 0.3),
            ParameterSpec.OneOf("batchSize", 128, 64, 32),
            ParameterSpec.OneOf("loss", "crossEntropy", "curvature"),
            ParameterSpec.Between("momentum", 0.5, 0.99),
            ParameterSpec.LogBetween("betaWeight", 1e-5, 1e-2) with { When = [new ParameterCondition("loss", ["curvature"])] },
        ],
        Sampler = new SamplerSpec { Kind = "random", Seed = 7 },
        Goals = [new GoalSpec("testAccuracy", IsMaximized: true), new GoalSpec("curvature", IsMaximized: false)],
        MaxTrials = 24,
        OutputDirectory = "/runs/sweep",
    };

    /// <summary>A finished sweep of this many trials; some were stopped, and the last of at least six failed.</summary>
    public static SweepExport Export(int trials) => new()
    {
        Spec = Spec,
        Trials = [.. Enumerable.Range(1, trials).Select(number => Trial(number, isBroken: number == trials && trials >= 6))],
        Status = new SweepStatus { SweepId = "sweep-1", Phase = SweepPhase.Completed, Elapsed = TimeSpan.FromMinutes(7), LastSequence = 99, OutputDirectory = "/runs/sweep" },
    };

    private static TrialEntry Trial(int number, bool isBroken)
    {
        var random = new Random(number);
        var (lr, batch, momentum) = (0.01 * Math.Pow(30, random.NextDouble()), 32L << random.Next(3), 0.5 + (0.49 * random.NextDouble()));
        var isCurvature = random.Next(2) == 1;
        var betaWeight = 1e-5 * Math.Pow(1000, random.NextDouble());
        var isStopped = number % 5 == 0;
        var entry = new TrialEntry
        {
            Number = number,
            Draw = number,
            Parameters = new ParameterSet(
            [
                new("lr", lr), new("batchSize", batch), new("loss", isCurvature ? "curvature" : "crossEntropy"), new("momentum", momentum),
                .. isCurvature ? [new KeyValuePair<string, OptionValue>("betaWeight", betaWeight)] : Array.Empty<KeyValuePair<string, OptionValue>>(),
            ]),
            RunId = $"sweep-1-{number:d4}",
            Attempts = 1,
        };
        if (isBroken)
        {
            return entry with { State = TrialState.Failed, Error = HostileText };
        }

        var final = 0.97 - (0.08 * Math.Pow(Math.Log10(lr / 0.1), 2)) - (isCurvature ? 0.02 : 0) + (0.01 * random.NextDouble());
        var curvature = (isCurvature ? 5 + (0.1 / (betaWeight + 0.005)) : 40) * (0.8 + (0.4 * random.NextDouble()));
        var epochs = isStopped ? 2 : 4;
        TrialReport[] reports = [.. Enumerable.Range(1, epochs).Select(epoch => Report(epoch, final))];
        return entry with
        {
            State = isStopped ? TrialState.Stopped : TrialState.Completed,
            Epochs = epochs,
            Reports = reports,
            Metrics = isStopped ? reports[^1].Metrics : new Dictionary<string, double>(reports[^1].Metrics) { ["curvature"] = curvature, ["gradNorm"] = double.NaN },
            WeightsSha256 = Convert.ToHexStringLower([.. Enumerable.Repeat((byte)number, 32)]),
            Error = isStopped ? "worse than the median" : null,
        };
    }

    private static TrialReport Report(int epoch, double final) =>
        new(epoch, new Dictionary<string, double> { ["testAccuracy"] = final - (0.3 / (epoch * epoch)) + 0.01875, ["testLoss"] = 1.2 - final + (0.5 / epoch) });
}
