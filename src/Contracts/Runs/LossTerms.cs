namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>The unweighted terms of the objective over the global batch; NaN where the loss has no such term.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.LossTerms")]
public sealed record LossTerms
{
    /// <summary>Mean cross-entropy.</summary>
    [Id(0)] public double CrossEntropy { get; init; } = double.NaN;

    /// <summary>Sum of exp(log_beta), once per use (regularized_loss.py:205).</summary>
    [Id(1)] public double BetaTerm { get; init; } = double.NaN;

    /// <summary>Sum of |log gamma| over all batch norms (regularized_loss.py:213).</summary>
    [Id(2)] public double GammaTerm { get; init; } = double.NaN;

    /// <summary>1e5 * ||dL/dx||^2 / B with L the batch mean (regularized_loss.py:223).</summary>
    [Id(3)] public double GradientNorm { get; init; } = double.NaN;
}
