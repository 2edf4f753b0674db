using Lcnn.Distributed.Cli.Comparisons;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Data.Summaries;

namespace Lcnn.Distributed.UnitTests.Cli;

/// <summary>A comparison as it could have gone, from fixed figures.</summary>
internal static class SampleComparison
{
    private static readonly double[] _epsilons = [0.1, 0.2, 0.3];

    /// <summary>Three methods: two seeds of the baseline, two of another of which one failed, one of a third; the first seeds were attacked.</summary>
    public static Comparison Small { get; } = new()
    {
        Origin = Origin,
        Methods =
        [
            new("standard", [Trial(1, "standard", 1729, 0.8841, 50.5, 0.43), Trial(4, "standard", 1730, 0.8859, 48.3)]),
            new("lcnn", [Trial(2, "lcnn", 1729, 0.8822, 4.71, 0.61), Failed(5, "lcnn", 1730)]),
            new("lcnn+gradreg", [Trial(3, "lcnn+gradreg", 1729, 0.8803, 0.000912, 0.72)]),
        ],
    };

    /// <summary>All eight methods, with everything that a report has.</summary>
    public static Comparison Large { get; } = new()
    {
        Origin = Origin,
        Methods =
        [
            .. new[] { "standard", "lcnn", "lcnn+gradreg", "gradreg", "cure", "softplus-decay", "adversarial", "recipe" }.Select((method, place) => new MethodFigures(
                method, [.. Enumerable.Range(0, place < 3 ? 2 : 1).Select(seed => Trial(place + 1 + (8 * seed), method, 1729 + seed, 0.885 - (0.004 * place) + (0.002 * seed), 50.5 / Math.Pow(1.6, place) * (1 + (0.1 * seed)), seed == 0 ? 0.4 + (0.05 * place) : null))])),
        ],
    };

    /// <summary>What is inside the networks of <see cref="Large"/>.</summary>
    public static ComparisonInsight Insight { get; } = new(
        [.. Enumerable.Range(0, 6).Select(image => new InspectedImage($"class {image}", Picture(image)))],
        [.. Large.Methods.Select((method, place) => (method.Method, new InspectedModel(
            method.Method.StartsWith("lcnn", StringComparison.Ordinal) || method.Method == "recipe" ? [.. Enumerable.Range(0, 9).Select(layer => new LayerSharpness($"{layer}.conv", 10.0 / (1 + layer + place), 0.8 + (0.05 * layer)))] : [],
            [.. Enumerable.Range(0, 6).Select(image => new InspectedMap($"class {image}", Picture((7 * image) + place)))])))]);

    private static ComparisonOrigin Origin => new("lcnn compare --dataset fashion-mnist --methods standard:2,lcnn:2,lcnn+gradreg --out compared", "0.7.0", "resnet8", "fashion-mnist", "AMD EPYC (2 cores)", 4321)
    {
        Epochs = 5,
        Attacks = "autoattack in l2 on the first 100 test samples, first seed",
    };

    private static TrialFigures Trial(int number, string method, long seed, double accuracy, double curvature, double? robust = null) => new()
    {
        Number = number,
        Method = method,
        Seed = seed,
        State = TrialState.Completed,
        TestAccuracy = accuracy,
        GradNorm = 1.234,
        HessianNorm = curvature * 1.1,
        Curvature = curvature,
        Robust = robust is { } share ? [.. _epsilons.Select(epsilon => new FigureAt(epsilon, share * (1 - epsilon)))] : [],
        Certified = [.. _epsilons.Select(epsilon => new FigureAt(epsilon, Math.Max(0, 0.3 - epsilon)))],
        GradientChange = [.. new[] { 0.05, 0.1, 0.2, 0.5 }.Select(norm => new FigureAt(norm, norm * curvature / 5))],
        Epochs = [.. Enumerable.Range(1, 5).Select(epoch => new EpochFigures(epoch, 1.0 / epoch, 1.1 / epoch, accuracy - (0.2 / (epoch * epoch)) + 0.008))],
        Seconds = 123.4,
        WeightsSha256 = Convert.ToHexStringLower([.. Enumerable.Repeat((byte)number, 32)]),
    };

    private static TrialFigures Failed(int number, string method, long seed) =>
        new() { Number = number, Method = method, Seed = seed, State = TrialState.Failed, Error = SampleSweep.HostileText };

    private static byte[] Picture(int seed) => ImagePng.OfSizes([.. Enumerable.Range(0, 28 * 28).Select(pixel => Math.Exp(-Math.Pow((pixel % 28) - 8 - (seed % 12), 2) / 40) * Math.Exp(-Math.Pow((pixel / 28) - 14, 2) / (20 + seed)))], 28, 28);
}
