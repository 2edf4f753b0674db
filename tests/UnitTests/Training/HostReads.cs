using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Operations;

namespace Lcnn.Distributed.UnitTests.Training;

/// <summary>How often a step with composed kernels may read the device (tests/Benchmarks/README.md has the table).</summary>
internal static class HostReads
{
    public static long OfAStep(Network network, Objective objective, int shards)
    {
        var norms = network.Layers.Count(layer => layer.HasBatchNorm);
        // The owners' betas, gammas and gains together, and whether all gradients are finite.
        var perStep = (network.Layers.Any(layer => layer.HasGain || layer is BetaLayer) ? 1 : 0) + 1;
        var passes = Search(objective) + (objective.HasGradientTerm ? Enum.GetValues<Pass>().Length : 2) + (objective.HasCure ? Enum.GetValues<Pass>().Length : 0);
        // A shard's terms, and in each pass its part of every batch norm's sums.
        return perStep + (shards * (1 + (passes * norms)));
    }

    // For the predicted classes, then two passes a step.
    private static int Search(Objective objective) => objective.IsAdversarial ? (objective.Attack.AgainstPredictions ? 1 : 0) + (2 * objective.Attack.Steps) : 0;
}
