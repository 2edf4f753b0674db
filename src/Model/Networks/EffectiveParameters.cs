using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Networks;

/// <summary>The effective parameters of one step as all shards of a rank share them: read-only, with the network's scales folded in once.</summary>
/// <param name="layers">One a layer; they stay the caller's.</param>
public sealed class EffectiveParameters(IReadOnlyList<PreparedLayer> layers, Normalization normalization) : IDisposable
{
    private readonly Dictionary<(int Layer, int Parameter, double Scale), Tensor> _scaled = [];
    private readonly Lock _gate = new();

    /// <summary>Which statistics batch norms take.</summary>
    public Normalization Normalization => normalization;

    /// <summary>Whether the total backward pass goes on to the images: where the images are what is differentiated by.</summary>
    public bool ReachesImages { get; init; }

    /// <summary>Whether all is computed on a GPU.</summary>
    internal bool OnGpu => layers[0].Device.IsGpu;

    internal IReadOnlyList<Tensor> Of(Layer layer) => layers[layer.Index].Effective;

    internal Tensor RunningMean(Layer layer) => layers[layer.Index].RunningMean!;

    internal Tensor RunningVariance(Layer layer) => layers[layer.Index].RunningVar!;

    /// <summary>The sharpness of an activation, as a number: it came from the owner as one.</summary>
    internal double Beta(BetaLayer layer) => layers[layer.Index].Penalty.Beta!.Value;

    /// <summary>The gain of a batch norm, likewise.</summary>
    internal double Gain(Layer layer) => layers[layer.Index].Gain!.Value;

    /// <summary>A parameter times a scale.</summary>
    internal Tensor Scaled(Layer layer, int parameter, double scale)
    {
        if (scale == 1)
        {
            return Of(layer)[parameter];
        }

        lock (_gate)
        {
            if (!_scaled.TryGetValue((layer.Index, parameter, scale), out var scaled))
            {
                using var _ = no_grad();
                scaled = Of(layer)[parameter].Times(scale).DetachFromDisposeScope();
                _scaled.Add((layer.Index, parameter, scale), scaled);
            }

            return scaled;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in _scaled.Values)
        {
            tensor.Dispose();
        }

        _scaled.Clear();
    }
}
