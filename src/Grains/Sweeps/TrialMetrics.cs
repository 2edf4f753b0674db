using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>What runs report, under the names of <see cref="SweepNames.Metrics"/>, robust and certified accuracies with their epsilon; what is not a number is left out.</summary>
/// <remarks>Where a run keeps a moving average of its weights, test figures are the average's, by which timm's train.py picks its best model, too.</remarks>
internal static class TrialMetrics
{
    public static IReadOnlyDictionary<string, double> Of(EpochCompleted epoch, TimeSpan trained) => Finite(
    [
        ("testAccuracy", epoch.EmaTestAccuracy ?? epoch.TestAccuracy), ("testLoss", epoch.EmaTestLoss ?? epoch.TestLoss), ("trainAccuracy", epoch.TrainAccuracy), ("trainLoss", epoch.TrainLoss),
        ("samplesPerSecond", epoch.SamplesPerSecond), ("seconds", trained.TotalSeconds),
    ]);

    /// <summary>The last epoch's, and what only the end of a run tells.</summary>
    public static IReadOnlyDictionary<string, double> Of(RunCompleted completed, TrialEntry trial, TimeSpan trained)
    {
        var metrics = new Dictionary<string, double>(trial.Metrics);
        foreach (var (name, value) in Finite(
        [
            ("testAccuracy", completed.EmaTestAccuracy ?? completed.TestAccuracy), ("testLoss", completed.EmaTestLoss ?? completed.TestLoss), ("curvature", completed.Curvature),
            ("hessianNorm", completed.HessianNorm), ("gradNorm", completed.GradNorm), ("samplesPerSecond", completed.SamplesPerSecond),
            ("seconds", trained.TotalSeconds),
            .. (completed.Robustness?.Attacks?.Together ?? []).Select(at => (FormattableString.Invariant($"robustAccuracy@{at.Epsilon:0.####}"), at.RobustAccuracy)),
            .. (completed.Robustness?.Certificate?.At ?? []).Select(at => (FormattableString.Invariant($"certifiedAccuracy@{at.Epsilon:0.####}"), at.Accuracy)),
        ]))
        {
            metrics[name] = value;
        }

        return metrics;
    }

    private static Dictionary<string, double> Finite(IEnumerable<(string Name, double Value)> metrics) =>
        metrics.Where(metric => double.IsFinite(metric.Value)).DistinctBy(metric => metric.Name).ToDictionary(metric => metric.Name, metric => metric.Value);
}
