using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Networks;

/// <summary>The structure of a network: its layers and how samples flow through them. It holds no tensors and is shared by all threads.</summary>
public sealed class Network
{
    internal Network(ImageShape input, int classes, IReadOnlyList<Layer> layers, IReadOnlyList<NetworkNode> nodes)
    {
        Input = input;
        Classes = classes;
        Layers = layers;
        Nodes = nodes;
        for (var index = 0; index < layers.Count; index++)
        {
            layers[index].Index = index;
        }
    }

    /// <summary>Shape of one sample.</summary>
    public ImageShape Input { get; }

    /// <summary>Logits of the last layer, one a class.</summary>
    public int Classes { get; }

    /// <summary>Layers in forward order.</summary>
    public IReadOnlyList<Layer> Layers { get; }

    /// <summary>The forward computation, piece by piece.</summary>
    internal IReadOnlyList<NetworkNode> Nodes { get; }

    /// <summary>Learnable numbers: those of the effective parameters, as every raw one has one effective counterpart.</summary>
    public long ParameterCount => Layers.Sum(layer => layer.EffectiveCount);

    /// <summary>Logits, shape [B, classes], of samples of shape [B, C, H, W].</summary>
    public Tensor Forward(Tensor x_BCHW, ForwardPass pass) => Forward(x_BCHW, pass, Range.All);

    /// <summary>Output of some of the nodes, from the output of the one before them.</summary>
    internal Tensor Forward(Tensor input, ForwardPass pass, Range nodes)
    {
        var (first, count) = nodes.GetOffsetAndLength(Nodes.Count);
        var x = input;
        foreach (var node in Nodes.Skip(first).Take(count))
        {
            using var scope = NewDisposeScope();
            var y = Forward(node, x, pass).MoveToOuterDisposeScope();
            if (!ReferenceEquals(x, input))
            {
                x.Dispose();
            }

            x = y;
        }

        return x;
    }

    private Tensor Forward(NetworkNode node, Tensor x, ForwardPass pass)
    {
        try
        {
            return node.Node.Forward(x, pass);
        }
        catch (Exception exception) when (LibtorchException.IsRaw(exception))
        {
            // A node without layers of its own (a pooling, a shared activation) is named after the layer before it.
            var layer = Layers[Math.Max(0, node.Layers.End.Value - 1)];
            throw LibtorchException.At($"the forward pass at layer '{layer.Path}'", exception);
        }
    }

    /// <summary>Fresh raw state of one layer, or of every layer.</summary>
    public LayerState[] Initialize(long seed, Precision precision = Precision.Full)
    {
        using var scope = NewDisposeScope();
        return [.. Layers.Select(layer => layer.Initialize(seed, precision))];
    }
}
