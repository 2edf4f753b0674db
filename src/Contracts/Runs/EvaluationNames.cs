namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>The names and usual values of attacks, certificates and noise; a test holds them equal to what the silo implements.</summary>
public static class EvaluationNames
{
    /// <summary>The norm of certified radii, and of attacks by default.</summary>
    public const string L2 = "l2";

    /// <summary>The largest change of a pixel.</summary>
    public const string Linf = "linf";

    /// <summary>AutoAttack's standard ensemble.</summary>
    public const string Ensemble = "autoattack";

    internal const string L2Only = "pgd-authors";

    // Of RobustBench's size for linf; images of 28 x 28 for l2.
    private const string L2Epsilons = "0.1,0.2,0.3";
    private const string LinfEpsilons = "2/255,4/255,8/255";

    /// <summary>Norms of perturbations: <see cref="RunSpec.EvalNorm"/>.</summary>
    public static IReadOnlyList<string> Norms { get; } = [L2, Linf];

    /// <summary>Attacks that <see cref="RunSpec.EvalAttacks"/> may name.</summary>
    public static IReadOnlyList<string> Attacks { get; } = ["fgsm", "pgd", L2Only, "apgd-ce", "apgd-t", "fab-t", "square", Ensemble];

    /// <summary>Those that <see cref="RunSpec.EvalRestarts"/> is for.</summary>
    public static IReadOnlyList<string> AttacksWithRestarts { get; } = ["pgd", "apgd-ce", "apgd-t", "fab-t"];

    /// <summary>Those that <see cref="RunSpec.EvalSteps"/> is not for.</summary>
    public static IReadOnlyList<string> AttacksWithoutSteps { get; } = ["fgsm"];

    /// <summary>Norms of noise to take where nothing else is said.</summary>
    public static string UsualNoise => "0.05,0.1,0.2,0.5";

    /// <summary>Epsilons where nothing else is said.</summary>
    public static string UsualEpsilons(string norm) => norm == Linf ? LinfEpsilons : L2Epsilons;
}
