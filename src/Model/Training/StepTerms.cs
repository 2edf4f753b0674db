using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Losses;

namespace Lcnn.Distributed.Model.Training;

/// <summary>The loss of one step over the global batch, and each unweighted term; NaN for terms the objective does not have.</summary>
public sealed record StepTerms(double Loss, double CrossEntropy, double BetaTerm, double GammaTerm, double GradientNorm, int Correct, int Samples)
{
    /// <summary>Puts the shards' and the owners' contributions together, in the network's order of layers.</summary>
    public static StepTerms From(BatchTerms batch, IEnumerable<PenaltyTerms> layers, Objective objective)
    {
        var beta = 0.0;
        var gamma = 0.0;
        foreach (var layer in layers)
        {
            beta += layer.BetaTerm;
            gamma += layer.GammaTerm;
        }

        var loss = batch.CrossEntropy
            + (objective.HasCurvature ? (objective.BetaWeight * beta) + (objective.GammaWeight * gamma) : 0)
            + (objective.HasGradientTerm ? objective.GradientNormWeight * batch.GradientNorm : 0);
        return new StepTerms(
            loss,
            batch.CrossEntropy,
            objective.HasCurvature ? beta : double.NaN,
            objective.HasCurvature ? gamma : double.NaN,
            objective.HasGradientTerm ? batch.GradientNorm : double.NaN,
            batch.Correct,
            batch.Samples);
    }
}
