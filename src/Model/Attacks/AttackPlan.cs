namespace Lcnn.Distributed.Model.Attacks;

/// <summary>The attacks that can be asked for by name.</summary>
public static class AttackPlan
{
    /// <summary>Names: single attacks, and <c>autoattack</c>, the standard ensemble.</summary>
    public static IReadOnlyList<string> Names { get; } = ["fgsm", "pgd", "pgd-authors", "apgd-ce", "apgd-t", "fab-t", "square", "autoattack"];

    /// <summary>Names of those that <see cref="AttackEffort.Restarts"/> is for; the standard ensemble makes one start of each member.</summary>
    public static IReadOnlyList<string> NamesWithRestarts { get; } = ["pgd", "apgd-ce", "apgd-t", "fab-t"];

    /// <summary>Names of those without a number of steps.</summary>
    public static IReadOnlyList<string> NamesWithoutSteps { get; } = ["fgsm"];

    /// <summary>The attacks of a name, in order.</summary>
    /// <param name="ball">Where they may go; <c>pgd-authors</c> is in l2 and goes out of the range.</param>
    /// <param name="effort">Steps and restarts of the attacks that have them, or null for the usual.</param>
    /// <exception cref="ArgumentException">The name is unknown, or the classifier has too few classes.</exception>
    internal static IReadOnlyList<Attack> Of(string name, NormBall ball, int classes, AttackEffort? effort = null)
    {
        var targets = AutoAttack.TargetsOf(classes);
        var (steps, restarts) = (effort?.Steps, effort?.Restarts ?? 1);
        return name switch
        {
            "fgsm" => [new FastGradient(ball)],
            "pgd" => [new ProjectedGradient(ball, ProjectedGradientOptions.Standard(ball.Norm, ball.Radius, steps ?? 10, restarts))],
            "pgd-authors" when ball.Norm != AttackNorm.L2 => throw new ArgumentException("pgd-authors is an attack in l2, got linf; take pgd", nameof(name)),
            "pgd-authors" => [new ProjectedGradient(ball with { Norm = AttackNorm.L2, Range = PixelRange.Any }, ProjectedGradientOptions.Authors(ball.Radius, steps ?? 10))],
            "apgd-ce" => [new AutoProjectedGradient(ball, steps ?? 100, restarts)],
            "apgd-t" when classes < AutoAttack.FewestClassesOfRatio => throw new ArgumentException(
                $"apgd-t wants {AutoAttack.FewestClassesOfRatio} classes or more for its loss, got {classes}; take apgd-ce or fab-t", nameof(name)),
            "apgd-t" => [new AutoProjectedGradient(ball, steps ?? 100, restarts, targets)],
            "fab-t" => [new FastAdaptiveBoundary(ball, steps ?? 100, restarts, targets)],
            "square" => [new SquareAttack(ball, steps ?? 5000)],
            "autoattack" => AutoAttack.Standard(ball, classes, steps ?? AutoAttack.StandardSteps),
            _ => throw new ArgumentException($"unknown attack '{name}', expected one of {string.Join(", ", Names)}", nameof(name)),
        };
    }
}

/// <summary>How long attacks try.</summary>
/// <param name="Steps">Of an attack with steps, queries of Square alone; null for each attack's own number.</param>
/// <param name="Restarts">Random starts.</param>
public sealed record AttackEffort(int? Steps, int Restarts);
