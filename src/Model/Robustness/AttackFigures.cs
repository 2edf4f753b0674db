using Lcnn.Distributed.Model.Attacks;

namespace Lcnn.Distributed.Model.Robustness;

/// <summary>What attacks leave standing of the first test samples.</summary>
/// <param name="Norm">l2 or linf, of <see cref="RobustAt.Epsilon"/>.</param>
/// <param name="Samples">How many, the wrongly classified ones included.</param>
/// <param name="Seed">Of all random numbers.</param>
/// <param name="Steps">As asked for; null for each attack's own number.</param>
/// <param name="Restarts">As asked for; null for one.</param>
/// <param name="IsClipped">Whether perturbed pixels stay in [0, 1].</param>
/// <param name="CleanAccuracy">Without an attack, 0..1.</param>
/// <param name="Results">One an attack, as asked for.</param>
/// <param name="Together">The share that stands all attacks.</param>
public sealed record AttackFigures(
    string Norm, int Samples, long Seed, int? Steps, int? Restarts, bool IsClipped, double CleanAccuracy, IReadOnlyList<AttackResult> Results, IReadOnlyList<RobustAt> Together)
{
    internal static AttackFigures Of(RobustnessPlan plan, RobustnessResults results, int classes, PixelRange range)
    {
        var clean = results.Attacks[0][0];
        return new AttackFigures(
            plan.Norm == AttackNorm.L2 ? "l2" : "linf", plan.AttackSamples, plan.Seed, plan.Effort?.Steps, plan.Effort?.Restarts, range.IsBounded,
            RobustAccuracy.Of(clean, []).Clean,
            [.. plan.Attacks.Select((attack, number) => OfAttack(plan, attack, results.Attacks[number], classes, results.Flags))],
            [.. plan.Epsilons.Select((epsilon, at) => new RobustAt(
                epsilon, (double)Enumerable.Range(0, clean.Count).Count(sample => results.Attacks.All(attack => attack[at][sample].IsRobust)) / clean.Count, []))]);
    }

    private static AttackResult OfAttack(RobustnessPlan plan, string attack, IReadOnlyList<IReadOnlyList<SampleAttack>> samples, int classes, IReadOnlyList<string> ofClassifier)
    {
        var members = plan.MembersOf(attack, classes);
        var (at, flags) = (new List<RobustAt>(), new List<string>(ofClassifier));
        if (attack == "autoattack")
        {
            flags.AddRange(AttackChecks.OfClasses(classes));
        }

        foreach (var (epsilon, of) in plan.Epsilons.Zip(samples))
        {
            var accuracy = RobustAccuracy.Of(of, members);
            at.Add(new RobustAt(epsilon, accuracy.Robust, members.Count > 1 ? [.. accuracy.After.Select(after => new RobustAfter(after.Key, after.Value))] : []));
            flags.AddRange(AttackChecks.OfOutcome(of, accuracy).Select(flag => FormattableString.Invariant($"at {epsilon}: {flag}")));
        }

        return new AttackResult(attack, at, flags);
    }
}

/// <summary>What one attack leaves standing.</summary>
/// <param name="Attack">As asked for.</param>
/// <param name="At">For each epsilon, ascending.</param>
/// <param name="Flags">AutoAttack's signs that its verdict may be worth little.</param>
public sealed record AttackResult(string Attack, IReadOnlyList<RobustAt> At, IReadOnlyList<string> Flags);

/// <summary>What stands perturbations up to a size.</summary>
/// <param name="Epsilon">The size, in units of pixels.</param>
/// <param name="RobustAccuracy">0..1, of all samples.</param>
/// <param name="After">Of an ensemble: what was left after each member in turn.</param>
public sealed record RobustAt(double Epsilon, double RobustAccuracy, IReadOnlyList<RobustAfter> After);

/// <summary>What a member of an ensemble left standing.</summary>
/// <param name="Attack">The member.</param>
/// <param name="RobustAccuracy">0..1.</param>
public sealed record RobustAfter(string Attack, double RobustAccuracy);
