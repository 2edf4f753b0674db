using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Networks;

namespace Lcnn.Distributed.Grains.Benchmarks.Networks;

/// <summary>Seconds of a step's computations, layer by layer.</summary>
internal sealed class StepCosts
{
    private readonly double[] _backward;
    private readonly double[] _owner;

    /// <summary>Shares the backward pass out by multiply-accumulates and the owners' work by parameters.</summary>
    public StepCosts(Network network, NetworkBenchmarkOptions options)
    {
        Forward = options.Forward.TotalSeconds;
        _backward = Shares(network, options.Backward, layer => layer is ConvLayer conv ? conv.Geometry.MacsPerImage : layer.EffectiveCount);
        _owner = Shares(network, options.Owner, layer => layer.EffectiveCount);
    }

    /// <summary>Of all passes before the last.</summary>
    public double Forward { get; }

    /// <summary>Of the last pass through some layers.</summary>
    public double Backward(Range layers) => _backward[layers].Sum();

    /// <summary>Of applying a layer's gradients; preparing it takes as long.</summary>
    public double Apply(int layer) => _owner[layer] / 2;

    private static double[] Shares(Network network, TimeSpan whole, Func<Layer, long> weight)
    {
        var sum = (double)network.Layers.Sum(weight);
        return [.. network.Layers.Select(layer => whole.TotalSeconds * weight(layer) / sum)];
    }
}
