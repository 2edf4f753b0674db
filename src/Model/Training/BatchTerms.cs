namespace Lcnn.Distributed.Model.Training;

/// <summary>What some shards contribute to the reported loss, already divided by the global batch.</summary>
/// <param name="CrossEntropy">Sum of the samples' cross-entropies over the global batch size.</param>
/// <param name="GradientNorm">The term on input gradients over these samples, 1e5 ||dL/dx||^2 / B or CURE's; 0 when the objective has no such term.</param>
/// <param name="Correct">Samples classified rightly.</param>
public readonly record struct BatchTerms(double CrossEntropy, double GradientNorm, int Correct, int Samples)
{
    public static BatchTerms operator +(BatchTerms left, BatchTerms right) => new(
        left.CrossEntropy + right.CrossEntropy, left.GradientNorm + right.GradientNorm, left.Correct + right.Correct, left.Samples + right.Samples);

    public static BatchTerms Add(BatchTerms left, BatchTerms right) => left + right;
}
