namespace Lcnn.Distributed.Model.Attacks;

/// <summary>The standard ensemble of AutoAttack (Croce and Hein 2020): APGD-CE, targeted APGD, targeted FAB and Square, each only on those that withstood the ones before.</summary>
internal static class AutoAttack
{
    /// <summary>Steps of the standard.</summary>
    public const int StandardSteps = 100;

    private const int QueriesPerStep = 50;
    private const int MostTargets = 9;

    /// <summary>The fewest classes that the targeted difference of logits ratio is defined for.</summary>
    public const int FewestClassesOfRatio = 4;

    /// <summary>Classes that targeted attacks go for one after the other.</summary>
    public static int TargetsOf(int classes) => Math.Min(MostTargets, classes - 1);

    /// <summary>Its members, in order, with 100 steps, one restart, nine targets and 5000 queries; with fewer classes there are fewer targets, and below four no targeted APGD.</summary>
    /// <param name="classes">Of the classifier.</param>
    /// <param name="steps">Of each member, Square has 50 queries for each: with another number than 100 it is not the standard any more.</param>
    public static IReadOnlyList<Attack> Standard(NormBall ball, int classes, int steps = StandardSteps)
    {
        var targets = TargetsOf(classes);
        return
        [
            new AutoProjectedGradient(ball, steps),
            .. classes < FewestClassesOfRatio ? Array.Empty<Attack>() : [new AutoProjectedGradient(ball, steps, targets: targets)],
            new FastAdaptiveBoundary(ball, steps, targets: targets),
            new SquareAttack(ball, QueriesPerStep * steps),
        ];
    }
}
