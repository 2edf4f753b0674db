using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Training;

/// <summary>A pass through a network in stages, so that the gradients of the last layers are there before backward reaches the first.</summary>
/// <remarks>
/// libtorch hands parameters' gradients out at the end of a call, so there is one call a stage: each begins with a leaf that shares its
/// memory with the output of the one before. The kernels are those of one call. What a layer with several uses gets from each (VGG's
/// beta) is added here, from the last use to the first wherever stages begin. So the stages change no bit.
/// </remarks>
internal sealed class BackwardStages
{
    private readonly Network _network;
    private readonly Tensor[]?[] _gradients;
    private readonly Stack<Stage> _stages = new();

    private BackwardStages(Network network) => (_network, _gradients) = (network, new Tensor[]?[network.Layers.Count]);

    /// <summary>The logits, shape [B, classes].</summary>
    public Tensor Output => _stages.Peek().Output;

    /// <summary>Runs the network forward in stages, each of which begins at a detached copy of the output before.</summary>
    /// <param name="buckets">A stage for each.</param>
    /// <param name="pass">Tracks uses.</param>
    public static BackwardStages Forward(Network network, GradientBuckets buckets, Tensor images_BCHW, ForwardPass pass)
    {
        var stages = new BackwardStages(network);
        for (var number = buckets.Count - 1; number >= 0; number--)
        {
            var input = stages._stages.TryPeek(out var before) ? before.Output.detach().requires_grad_() : null;
            var output = network.Forward(input ?? images_BCHW, pass, buckets[number].Nodes);
            stages._stages.Push(new Stage(input, output, pass.TakeUses(), buckets[number].Layers));
        }

        return stages;
    }

    /// <summary>The pass backward, a stage at a time.</summary>
    /// <param name="total">Follows from <see cref="Output"/>, shape [].</param>
    /// <returns>After each stage the first of the layers whose gradients are done.</returns>
    public IEnumerable<int> Backward(Tensor total)
    {
        Tensor? slope = null;
        while (_stages.TryPop(out var stage))
        {
            List<Tensor> inputs = [.. stage.Uses.SelectMany(use => use.Leaves)];
            if (stage.Input is not null)
            {
                inputs.Add(stage.Input);
            }

            var gradients = LibtorchException.In(
                PlaceOf(stage.Layers), () => slope is null ? LeafGradients.Of(total, inputs) : LeafGradients.Of(stage.Output, inputs, slope));
            Add(stage.Uses, gradients);
            slope?.Dispose();
            slope = stage.Input is null ? null : gradients[^1];
            yield return stage.Layers.Start.Value;
            stage.Dispose();
        }
    }

    /// <summary>The gradients of a layer's effective parameters, shape [effective count]; the caller's from now on.</summary>
    /// <exception cref="InvalidOperationException">They are not done.</exception>
    public Tensor TakeGradient(int layer)
    {
        var gradients = _gradients[layer] ?? throw new InvalidOperationException($"the backward pass has not reached layer {layer}");
        var flat = TensorLayout.Pack(gradients).DetachFromDisposeScope();
        foreach (var gradient in gradients)
        {
            gradient.Dispose();
        }

        return flat;
    }

    private string PlaceOf(Range layers)
    {
        var (first, count) = layers.GetOffsetAndLength(_network.Layers.Count);
        return $"the backward pass through layers '{_network.Layers[first].Path}' to '{_network.Layers[first + count - 1].Path}'";
    }

    private void Add(IReadOnlyList<LayerUse> uses, IList<Tensor> gradients)
    {
        var end = uses.Sum(use => use.Leaves.Length);
        foreach (var (layer, leaves) in uses.Reverse())
        {
            end -= leaves.Length;
            Tensor[] own = [.. gradients.Skip(end).Take(leaves.Length)];
            _gradients[layer] = _gradients[layer] is { } later ? [.. later.Zip(own, (sum, gradient) => sum + gradient)] : own;
        }
    }

    private sealed record Stage(Tensor? Input, Tensor Output, IReadOnlyList<LayerUse> Uses, Range Layers) : IDisposable
    {
        public void Dispose()
        {
            Input?.Dispose();
            Output.Dispose();
            foreach (var leaf in Uses.SelectMany(use => use.Leaves))
            {
                leaf.Dispose();
            }
        }
    }
}
