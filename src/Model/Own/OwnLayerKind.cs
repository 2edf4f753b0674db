using Lcnn.Distributed.Model.Operations;
using Lcnn.Distributed.Networks;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Own;

/// <summary>A kind of layer of a program's own, by which network descriptions name it: its arguments, shapes, parameters and passes.</summary>
/// <remarks>
/// <see cref="ForwardLayerKind"/> leaves all derivatives to libtorch; one that writes its four passes derives from this class. An instance is shared
/// by all threads and keeps nothing of a computation. Passes must give the same bits for the same samples whoever computes them, so they draw no
/// random numbers and read no clock.
/// </remarks>
public abstract class OwnLayerKind
{
    /// <summary>Its key in descriptions: a name that no built-in kind has.</summary>
    public abstract string Name { get; }

    /// <summary>What it computes, in a sentence.</summary>
    public virtual string Description => "An operation of the program's own.";

    /// <summary>What it takes in descriptions; checked there, with the line.</summary>
    public virtual IReadOnlyList<ElementArgument> Arguments => [];

    /// <summary>The shape of its output.</summary>
    /// <param name="input">What comes in.</param>
    /// <param name="arguments">What the description gives.</param>
    /// <exception cref="ArgumentException">The input does not fit: expected, got, what to do. The layer's place is added.</exception>
    public abstract SampleShape OutputOf(SampleShape input, PlannedLayer arguments);

    /// <summary>Its parameters and buffers; none unless overridden.</summary>
    /// <param name="input">What comes in.</param>
    /// <param name="arguments">What the description gives.</param>
    public virtual IReadOnlyList<LayerParameter> ParametersOf(SampleShape input, PlannedLayer arguments) => [];

    /// <summary>A fresh operation for the samples of one shard.</summary>
    /// <param name="layer">Its place in the network: arguments and shapes, and whose gradients are added.</param>
    /// <param name="parameters">In the order of <see cref="ParametersOf"/>; shared and read-only.</param>
    public abstract Operation CreateOperation(OwnLayer layer, IReadOnlyList<Tensor> parameters);
}
