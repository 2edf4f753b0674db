using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Networks;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>Says how sharp the layers of a network are.</summary>
public static class NetworkSharpness
{
    /// <summary>Every layer with a beta or a gamma, in the network's order.</summary>
    /// <param name="network">The network.</param>
    /// <param name="layers">Evaluation parameters of every layer.</param>
    public static IReadOnlyList<LayerSharpness> Of(Network network, IReadOnlyList<PreparedLayer> layers)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(layers);
        return [.. network.Layers.Zip(layers, Of).Where(layer => layer.Beta is not null || layer.Gamma is not null)];
    }

    private static LayerSharpness Of(Layer layer, PreparedLayer prepared) => new(layer.Path, prepared.Penalty.Beta, prepared.Penalty.Gamma);
}
