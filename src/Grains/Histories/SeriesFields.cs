using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Grains.Histories;

/// <summary>What is kept of every step.</summary>
internal static class SeriesFields
{
    /// <summary>The values of a step, in the order of <see cref="SeriesWindow.FieldNames"/>.</summary>
    public static double[] Of(StepCompleted step) =>
    [
        step.Loss, step.LossTerms.CrossEntropy, step.LossTerms.BetaTerm, step.LossTerms.GammaTerm, step.LossTerms.GradientNorm,
        step.LearningRate, step.SamplesPerSecond, step.TrainAccuracy, step.Epoch,
    ];
}
