using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Client.Recording;

/// <summary>The numbers in the events of a run. One table for TensorBoard, MLflow and CSV, so that a quantity has one name everywhere.</summary>
internal static class RunScalars
{
    /// <summary>Those of an event; what it does not have (NaN) is left out.</summary>
    public static IReadOnlyList<RunScalar> Of(RunEvent runEvent)
    {
        var (step, values) = runEvent switch
        {
            StepCompleted made => (made.Step, Of(made)),
            EpochCompleted epoch => (epoch.Step, Of(epoch)),
            RunCompleted completed => (completed.Steps, Of(completed)),
            _ => (0, []),
        };
        return [.. values.Where(value => value.Value is { } number && !double.IsNaN(number)).Select(value => new RunScalar(value.Tag, step, value.Value!.Value))];
    }

    private static IEnumerable<(string Tag, double? Value)> Of(StepCompleted step) =>
    [
        ("train/loss", step.Loss), .. Of("train/", step.LossTerms), ("train/accuracy", step.TrainAccuracy), ("train/learningRate", step.LearningRate),
        ("train/samplesPerSecond", step.SamplesPerSecond), ("train/epoch", step.Epoch),
    ];

    private static IEnumerable<(string Tag, double? Value)> Of(EpochCompleted epoch) =>
    [
        ("test/accuracy", epoch.TestAccuracy), ("test/loss", epoch.TestLoss), ("test/emaAccuracy", epoch.EmaTestAccuracy), ("test/emaLoss", epoch.EmaTestLoss),
        ("epoch/loss", epoch.TrainLoss), .. Of("epoch/", epoch.LossTerms), ("epoch/accuracy", epoch.TrainAccuracy), ("epoch/samplesPerSecond", epoch.SamplesPerSecond),
        ("network/betaMinimum", epoch.Beta?.Minimum), ("network/betaMaximum", epoch.Beta?.Maximum),
        ("network/gammaMinimum", epoch.Gamma?.Minimum), ("network/gammaMaximum", epoch.Gamma?.Maximum), ("network/curvatureBound", epoch.CurvatureBound),
    ];

    private static IEnumerable<(string Tag, double? Value)> Of(RunCompleted completed) =>
    [
        ("final/testAccuracy", completed.TestAccuracy), ("final/testLoss", completed.TestLoss), ("final/curvature", completed.Curvature),
        ("final/hessianNorm", completed.HessianNorm), ("final/gradNorm", completed.GradNorm), ("final/samplesPerSecond", completed.SamplesPerSecond),
        .. (completed.Robustness?.Attacks?.Together ?? []).Select(at => (FormattableString.Invariant($"final/robustAccuracy-{at.Epsilon:0.####}"), (double?)at.RobustAccuracy)),
    ];

    private static IEnumerable<(string Tag, double? Value)> Of(string group, LossTerms terms) =>
        [($"{group}crossEntropy", terms.CrossEntropy), ($"{group}betaTerm", terms.BetaTerm), ($"{group}gammaTerm", terms.GammaTerm), ($"{group}gradientNorm", terms.GradientNorm)];
}
