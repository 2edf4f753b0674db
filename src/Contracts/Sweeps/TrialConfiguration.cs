using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Contracts.Sweeps;

/// <summary>What a trial's result follows from and how fast it comes: trials that agree in it give the same bits, and one of them would do.</summary>
public static class TrialConfiguration
{
    /// <summary>The trial's run without its name, its folder, and the weights of terms that its loss does not have.</summary>
    public static RunSpec Of(SweepSpec sweep, ParameterSet parameters)
    {
        ArgumentNullException.ThrowIfNull(sweep);
        var spec = sweep.SpecOf(1, parameters);
        var terms = spec.Loss.Split('+');
        var (hasCurvature, hasGradientTerm, isAdversarial) = (terms.Contains("curvature"), terms.Contains("gradnorm") || terms.Contains("cure"), terms.Contains("adversarial"));
        var unsaid = new RunSpec();
        return spec with
        {
            Preset = "",
            Method = null,
            BetaWeight = hasCurvature ? spec.BetaWeight : 0,
            GammaWeight = hasCurvature ? spec.GammaWeight : 0,
            GradientNormWeight = hasGradientTerm ? spec.GradientNormWeight : 0,
            Attack = isAdversarial ? spec.Attack : unsaid.Attack,
            AttackRadius = isAdversarial ? spec.AttackRadius : unsaid.AttackRadius,
            AttackSteps = isAdversarial ? spec.AttackSteps : unsaid.AttackSteps,
            AttackStepSize = isAdversarial ? spec.AttackStepSize : unsaid.AttackStepSize,
        };
    }
}
