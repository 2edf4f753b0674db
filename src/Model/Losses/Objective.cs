namespace Lcnn.Distributed.Model.Losses;

/// <summary>An objective with its weights: CE + l_b sum beta + l_g sum |log gamma| + l_n (gradnorm or CURE's term) (paper.md sections 2 and 3).</summary>
/// <param name="Kind">Which terms are there.</param>
/// <param name="BetaWeight">l_b.</param>
/// <param name="GammaWeight">l_g.</param>
/// <param name="GradientNormWeight">l_n; of CURE's term, too, as in the reference (train_curvature.py:136 at 5b94577).</param>
public sealed record Objective(LossKind Kind, double BetaWeight, double GammaWeight, double GradientNormWeight)
{
    /// <summary>Factor of the gradient-norm term, regularized_loss.py:45.</summary>
    public const double GradientNormFactor = 1e5;

    /// <summary>Factor of CURE's term, regularized_loss.py:92 at 5b94577.</summary>
    public const double CureFactor = 1e3;

    private static readonly Dictionary<string, LossKind> _names = new()
    {
        ["ce"] = LossKind.CrossEntropy,
        ["gradnorm"] = LossKind.GradientNorm,
        ["curvature"] = LossKind.Curvature,
        ["curvature+gradnorm"] = LossKind.CurvatureAndGradientNorm,
        ["cure"] = LossKind.Cure,
        ["curvature+cure"] = LossKind.Curvature | LossKind.Cure,
        ["adversarial"] = LossKind.Adversarial,
        ["curvature+adversarial"] = LossKind.Curvature | LossKind.Adversarial,
    };

    /// <summary>The names that <c>--loss</c> takes.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. _names.Keys];

    /// <summary>How adversarial examples are found, where the objective is of those.</summary>
    public TrainingAttack Attack { get; init; } = TrainingAttack.Authors;

    /// <summary>Whether the norm of the input gradient is penalised.</summary>
    public bool HasGradientNorm => Kind.HasFlag(LossKind.GradientNorm);

    /// <summary>Whether the change of the input gradient is penalised.</summary>
    public bool HasCure => Kind.HasFlag(LossKind.Cure);

    /// <summary>Whether there is a term on input gradients, of either sort.</summary>
    public bool HasGradientTerm => HasGradientNorm || HasCure;

    /// <summary>Whether betas and gammas are penalised.</summary>
    public bool HasCurvature => Kind.HasFlag(LossKind.Curvature);

    /// <summary>Whether the samples give way to adversarial examples.</summary>
    public bool IsAdversarial => Kind.HasFlag(LossKind.Adversarial);

    /// <summary>The kind a name stands for.</summary>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static LossKind Parse(string name) => _names.TryGetValue(name, out var kind)
        ? kind
        : throw new ArgumentException($"unknown loss '{name}', expected one of {string.Join(", ", Names)}", nameof(name));
}
