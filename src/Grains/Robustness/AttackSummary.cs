using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Model.Attacks;
using Lcnn.Distributed.Model.Robustness;

namespace Lcnn.Distributed.Grains.Robustness;

/// <summary>Counts what attacks leave standing.</summary>
internal static class AttackSummary
{
    public static AttackFigures Of(RobustnessPlan plan, RobustnessResults results, int classes, PixelRange range)
    {
        var clean = results.Attacks[0][0];
        return new AttackFigures(
            plan.Norm == AttackNorm.L2 ? EvaluationNames.L2 : EvaluationNames.Linf, plan.AttackSamples, plan.Seed, plan.Effort?.Steps, plan.Effort?.Restarts, range.IsBounded,
            RobustAccuracy.Of(clean, []).Clean,
            [.. plan.Attacks.Select((attack, number) => OfAttack(plan, attack, results.Attacks[number], classes, results.Flags))],
            [.. plan.Epsilons.Select((epsilon, at) => new RobustAt(
                epsilon, (double)Enumerable.Range(0, clean.Count).Count(sample => results.Attacks.All(attack => attack[at][sample].IsRobust)) / clean.Count, []))]);
    }

    private static AttackResult OfAttack(RobustnessPlan plan, string attack, IReadOnlyList<IReadOnlyList<SampleAttack>> samples, int classes, IReadOnlyList<string> ofClassifier)
    {
        var members = plan.MembersOf(attack, classes);
        var (at, flags) = (new List<RobustAt>(), new List<string>(ofClassifier));
        if (attack == EvaluationNames.Ensemble)
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
