namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>Checks what a spec wants of attacks, certificates and noise.</summary>
internal static class EvaluationValidator
{
    public static IEnumerable<SpecProblem> Validate(RunSpec spec)
    {
        var attacks = EvaluationLists.Words(spec.EvalAttacks);
        if (attacks.Except(EvaluationNames.Attacks).Any())
        {
            yield return new(nameof(RunSpec.EvalAttacks), $"expected {string.Join(", ", EvaluationNames.Attacks)}, got '{spec.EvalAttacks}'");
        }
        else if (attacks.Distinct().Count() < attacks.Count)
        {
            yield return new(nameof(RunSpec.EvalAttacks), $"expected each attack once, got '{spec.EvalAttacks}'");
        }

        if (!EvaluationNames.Norms.Contains(spec.EvalNorm))
        {
            yield return new(nameof(RunSpec.EvalNorm), $"expected one of {string.Join(", ", EvaluationNames.Norms)}, got '{spec.EvalNorm}'");
        }

        foreach (var (field, text) in new[] { (nameof(RunSpec.EvalEpsilons), spec.EvalEpsilons), (nameof(RunSpec.EvalNoise), spec.EvalNoise) })
        {
            if (EvaluationLists.ProblemOf(text) is { } problem)
            {
                yield return new(field, problem);
            }
        }

        foreach (var (field, value, minimum) in new[]
        {
            (nameof(RunSpec.EvalSteps), spec.EvalSteps, 0), (nameof(RunSpec.EvalRestarts), spec.EvalRestarts, 0),
            (nameof(RunSpec.EvalSamples), spec.EvalSamples, 1), (nameof(RunSpec.EvalAttackSamples), spec.EvalAttackSamples, 0),
        })
        {
            if (value < minimum)
            {
                yield return new(field, $"expected at least {minimum}, got {value}");
            }
        }

        if (spec is { EvalOnly: true, ResumeFrom: null })
        {
            yield return new(nameof(RunSpec.ResumeFrom), "expected the snapshot or the run's folder that is to be evaluated, got none");
        }

        foreach (var problem in Contradictions(spec, attacks))
        {
            yield return problem;
        }
    }

    private static IEnumerable<SpecProblem> Contradictions(RunSpec spec, IReadOnlyList<string> attacks)
    {
        if (spec is { EvalNorm: EvaluationNames.Linf, Certify: true })
        {
            yield return new(nameof(RunSpec.EvalNorm), "certified radii are l2: take l2, or certify without attacks in linf, apart from them");
        }

        if (spec.EvalNorm == EvaluationNames.Linf && attacks.Contains(EvaluationNames.L2Only))
        {
            yield return new(nameof(RunSpec.EvalNorm), $"{EvaluationNames.L2Only} is an attack in l2: take pgd, or the norm l2");
        }

        if (attacks.Count > 0 && spec.EvalRestarts > 0 && !attacks.Intersect(EvaluationNames.AttacksWithRestarts).Any())
        {
            yield return new(nameof(RunSpec.EvalRestarts), $"none of the attacks has restarts: {string.Join(", ", EvaluationNames.AttacksWithRestarts)} have");
        }

        if (attacks.Count > 0 && spec.EvalSteps > 0 && !attacks.Except(EvaluationNames.AttacksWithoutSteps).Any())
        {
            yield return new(nameof(RunSpec.EvalSteps), $"{string.Join(", ", attacks)} makes one step");
        }
    }
}
