using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Model.Losses;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>The objective that a spec names.</summary>
internal static class RunObjective
{
    private const double StandardWay = 2.5; // radii, over all steps

    public static Objective Of(RunSpec spec, ILabelledImages data) =>
        new(Objective.Parse(spec.Loss), spec.BetaWeight, spec.GammaWeight, spec.GradientNormWeight) { Attack = AttackOf(spec, data) };

    private static TrainingAttack AttackOf(RunSpec spec, ILabelledImages data)
    {
        var attack = spec.Attack == "standard" ? TrainingAttack.Standard with { Bounds = data.Bounds } : TrainingAttack.Authors;
        var steps = spec.AttackSteps > 0 ? spec.AttackSteps : attack.Steps;
        var own = spec.Attack == "standard" ? StandardWay * spec.AttackRadius / steps : spec.AttackRadius / 10;
        return attack with { Radius = spec.AttackRadius, Steps = steps, StepSize = spec.AttackStepSize > 0 ? spec.AttackStepSize : own };
    }
}
