namespace Lcnn.Distributed.Model.Evaluation;

/// <summary>How some test samples fared.</summary>
/// <param name="LossSum">Sum of cross-entropies.</param>
/// <param name="Correct">Samples classified rightly.</param>
public readonly record struct BatchScore(double LossSum, int Correct, int Samples)
{
    /// <summary>Share classified rightly, 0..1.</summary>
    public double Accuracy => (double)Correct / Samples;

    /// <summary>Mean cross-entropy.</summary>
    public double Loss => LossSum / Samples;

    public static BatchScore operator +(BatchScore left, BatchScore right) =>
        new(left.LossSum + right.LossSum, left.Correct + right.Correct, left.Samples + right.Samples);

    public static BatchScore Add(BatchScore left, BatchScore right) => left + right;
}
