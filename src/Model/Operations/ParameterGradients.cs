using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Operations;

/// <summary>Gradients of the effective parameters of every layer, from one shard; a layer with several uses gets the sum, from the last use to the first.</summary>
public sealed class ParameterGradients : IDisposable
{
    private readonly Tensor?[][] _gradients;

    internal ParameterGradients(IReadOnlyList<Layer> layers) => _gradients = [.. layers.Select(layer => new Tensor?[layer.EffectiveShapes.Count])];

    /// <summary>Adds what one use gives to one effective parameter and takes it over.</summary>
    /// <param name="parameter">Its place among the layer's effective parameters.</param>
    /// <param name="gradient">Of the parameter's shape.</param>
    public void Add(Layer layer, int parameter, Tensor gradient)
    {
        gradient.DetachFromDisposeScope();
        ref var sum = ref _gradients[layer.Index][parameter];
        if (sum is null)
        {
            sum = gradient;
            return;
        }

        sum.PlusInPlace(gradient);
        gradient.Dispose();
    }

    /// <summary>The gradient of an effective parameter so far; null where there is none yet.</summary>
    internal Tensor? Of(Layer layer, int parameter) => _gradients[layer.Index][parameter];

    /// <summary>Adds what one use of a convolution gives to its weight, which had its scale folded in, and to its bias; takes them over.</summary>
    /// <param name="ofAdjoint">What the adjoint pass gave to the weight, if there was one; stays the caller's.</param>
    internal void AddConvolution(ConvLayer layer, Tensor ofWeight, Tensor? ofAdjoint, double scale, Tensor? ofBias)
    {
        if (ofAdjoint is not null)
        {
            ofWeight.PlusInPlace(ofAdjoint);
        }

        if (scale != 1)
        {
            ofWeight.TimesInPlace(scale);
        }

        Add(layer, 0, ofWeight);
        if (ofBias is not null)
        {
            Add(layer, 1, ofBias);
        }
    }

    /// <summary>The gradients of a layer's effective parameters, in their order and in kernel layout; the caller's from now on.</summary>
    /// <exception cref="InvalidOperationException">The backward pass has not reached the layer.</exception>
    internal Tensor[] Take(int layer)
    {
        if (_gradients[layer].Any(gradient => gradient is null))
        {
            throw new InvalidOperationException($"the backward pass has not reached layer {layer}");
        }

        var taken = Array.ConvertAll(_gradients[layer], gradient => TensorLayout.InKernelOrder(gradient!).DetachFromDisposeScope());
        Array.Clear(_gradients[layer]);
        return taken;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        for (var layer = 0; layer < _gradients.Length; layer++)
        {
            Release(layer);
        }
    }

    private void Release(int layer)
    {
        foreach (ref var gradient in _gradients[layer].AsSpan())
        {
            gradient?.Dispose();
            gradient = null;
        }
    }
}
