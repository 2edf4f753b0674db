using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Operations;
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

    /// <summary>The builds of the operations of a program's own that it uses, each after a space; empty where it has none.</summary>
    public string OwnCode => string.Concat(Nodes.Select(node => node.Node).OfType<OwnNode>().Select(node => node.Layer.Kind).DistinctBy(kind => kind.Name)
        .OrderBy(kind => kind.Name, StringComparer.Ordinal).Select(kind => $" {kind.Name}@{kind.GetType().Module.ModuleVersionId:N}"));

    /// <summary>How many nodes read each value: the images, then the output of every node.</summary>
    internal int[] Readers => field ??= [.. Enumerable.Range(0, Nodes.Count + 1).Select(value => Nodes.Sum(node => node.Sources.Count(source => source.Value == value)))];

    /// <summary>Logits, shape [B, classes], of samples of shape [B, C, H, W], the caller's.</summary>
    /// <exception cref="Native.LibtorchException">libtorch could not.</exception>
    public Tensor Forward(Tensor x_BCHW, EffectiveParameters parameters)
    {
        using var tape = new Tape(this, parameters) { IsForwardOnly = true };
        return tape.Run(Pass.Forward, x_BCHW)!;
    }

    /// <summary>Fresh raw state of one layer, or of every layer.</summary>
    public LayerState[] Initialize(long seed, Precision precision = Precision.Full)
    {
        using var scope = NewDisposeScope();
        return [.. Layers.Select(layer => layer.Initialize(seed, precision))];
    }
}
