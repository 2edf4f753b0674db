namespace Lcnn.Distributed.Model.Losses;

/// <summary>An objective with its weights: CE + l_b sum beta + l_g sum |log gamma| + l_n gradnorm (paper.md section 2).</summary>
/// <param name="Kind">Which terms are there.</param>
/// <param name="BetaWeight">l_b.</param>
/// <param name="GammaWeight">l_g.</param>
/// <param name="GradientNormWeight">l_n.</param>
public sealed record Objective(LossKind Kind, double BetaWeight, double GammaWeight, double GradientNormWeight)
{
    /// <summary>Factor of the gradient-norm term, regularized_loss.py:45.</summary>
    public const double GradientNormFactor = 1e5;

    private static readonly Dictionary<string, LossKind> _names = new()
    {
        ["ce"] = LossKind.CrossEntropy,
        ["gradnorm"] = LossKind.GradientNorm,
        ["curvature"] = LossKind.Curvature,
        ["curvature+gradnorm"] = LossKind.CurvatureAndGradientNorm,
    };

    /// <summary>The names that <c>--loss</c> takes.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. _names.Keys];

    /// <summary>Whether the input gradient is penalised.</summary>
    public bool HasGradientNorm => Kind.HasFlag(LossKind.GradientNorm);

    /// <summary>Whether betas and gammas are penalised.</summary>
    public bool HasCurvature => Kind.HasFlag(LossKind.Curvature);

    /// <summary>The kind a name stands for.</summary>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static LossKind Parse(string name) => _names.TryGetValue(name, out var kind)
        ? kind
        : throw new ArgumentException($"unknown loss '{name}', expected one of {string.Join(", ", Names)}", nameof(name));
}
