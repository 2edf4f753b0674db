using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Layers;

/// <summary>One layer of a network as every rank knows it: its place, its sizes, and how its raw state is made.</summary>
/// <remarks>A layer is a convolution with its batch norm and gamma, one beta, or a linear: the unit that has one owner.</remarks>
public abstract class Layer(string path)
{
    /// <summary>Path in the reference's module tree, such as "1.0.2.f1".</summary>
    public string Path { get; } = path;

    /// <summary>Position among the network's layers; set when the network is built.</summary>
    public int Index { get; internal set; } = -1;

    /// <summary>Shapes of the effective parameters, in their order.</summary>
    public abstract IReadOnlyList<long[]> EffectiveShapes { get; }

    /// <summary>Elements of all effective parameters together.</summary>
    public long EffectiveCount => EffectiveShapes.Sum(shape => shape.Aggregate(1L, (product, size) => product * size));

    /// <summary>Multiply-accumulates of one power iteration: what owning the layer costs beyond its bytes.</summary>
    public virtual long SpectralMacs => 0;

    /// <summary>Whether the layer normalises its output by batch statistics.</summary>
    public virtual bool HasBatchNorm => false;

    /// <summary>Whether its batch norm has a gain, the last effective parameter.</summary>
    public virtual bool HasGain => false;

    /// <summary>Fresh raw state drawn from the seed.</summary>
    public abstract LayerState Initialize(long seed, Precision precision = Precision.Full);

    /// <summary>A leaf-free copy of effective parameters in the memory layout the kernels want.</summary>
    internal virtual Tensor[] ForKernels(IReadOnlyList<Tensor> effective) => [.. effective.Select(t => t.detach().clone())];
}
