using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Networks;

namespace Lcnn.Distributed.Model.Training;

/// <summary>Assigns layers to owners by balanced cost: bytes to sum and update, and the work of the power iteration.</summary>
public static class OwnerPlan
{
    // One multiply-accumulate of a batch-1 convolution costs about as much as moving this share of a parameter.
    private const double ParameterCostPerMac = 0.05;

    /// <summary>The owner of every layer, in the network's order: heaviest layer first, to the rank with least so far.</summary>
    public static int[] Assign(Network network, int worldSize)
    {
        var owners = new int[network.Layers.Count];
        var load = new double[worldSize];
        foreach (var layer in network.Layers.OrderByDescending(Cost).ThenBy(layer => layer.Index))
        {
            var rank = Array.IndexOf(load, load.Min());
            owners[layer.Index] = rank;
            load[rank] += Cost(layer);
        }

        return owners;
    }

    private static double Cost(Layer layer) => layer.EffectiveCount + (ParameterCostPerMac * layer.SpectralMacs);
}
