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
        var convs = network.Layers.OfType<ConvLayer>().ToList();
        var gains = convs.Count(layer => layer.HasGain);
        // The owners' each beta and gamma for the penalties, and whether each layer's gradient is finite; each gain for all shards of the rank.
        var perStep = network.Layers.OfType<BetaLayer>().Count() + (2 * gains) + network.Layers.Count;
        var passes = objective.HasGradientNorm ? Enum.GetValues<Pass>().Length : 2;
        // A shard's terms, and in each pass its part of every batch norm's sums.
        return perStep + (shards * (1 + (passes * convs.Count)));
    }
}
