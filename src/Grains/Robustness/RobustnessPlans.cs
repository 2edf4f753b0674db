using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Model.Attacks;
using Lcnn.Distributed.Model.Robustness;

namespace Lcnn.Distributed.Grains.Robustness;

/// <summary>Makes the plan that a spec's evaluation wants.</summary>
public static class RobustnessPlans
{
    /// <summary>The plan, with nothing in it where nothing is wanted; the spec is valid.</summary>
    public static RobustnessPlan Of(RunSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var (attacks, noise) = (EvaluationLists.Words(spec.EvalAttacks), EvaluationLists.Numbers(spec.EvalNoise));
        return new RobustnessPlan
        {
            Attacks = attacks,
            AttackSamples = attacks.Count == 0 ? 0 : spec.EvalAttackSamples > 0 ? spec.EvalAttackSamples : spec.EvalSamples,
            Norm = spec.EvalNorm == EvaluationNames.Linf ? AttackNorm.Linf : AttackNorm.L2,
            Epsilons = EvaluationLists.Numbers(spec.EvalEpsilons.Length > 0 ? spec.EvalEpsilons : EvaluationNames.UsualEpsilons(spec.EvalNorm)),
            Effort = spec is { EvalSteps: 0, EvalRestarts: 0 } ? null : new AttackEffort(spec.EvalSteps > 0 ? spec.EvalSteps : null, Math.Max(1, spec.EvalRestarts)),
            CertifiedSamples = spec.Certify ? spec.EvalSamples : 0,
            NoisySamples = noise.Count > 0 ? spec.EvalSamples : 0,
            NoiseNorms = noise,
            Seed = spec.Seed,
        };
    }
}
