using Lcnn.Distributed.Model.Operations;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Own;

/// <summary>A kind of layer of a program's own that only says how to compute forward: libtorch finds the derivatives, the second ones too.</summary>
/// <remarks>That costs memory and time beside passes written by hand, as the whole graph is kept from pass to pass.</remarks>
public abstract class ForwardLayerKind : OwnLayerKind
{
    /// <summary>y, in operations that libtorch can differentiate twice.</summary>
    /// <param name="x">Shape [B, C, H, W] or [B, N].</param>
    /// <param name="layer">Its place in the network.</param>
    /// <param name="parameters">In the order of <see cref="OwnLayerKind.ParametersOf"/>.</param>
    public abstract Tensor Forward(Tensor x, OwnLayer layer, IReadOnlyList<Tensor> parameters);

    /// <inheritdoc/>
    public sealed override Operation CreateOperation(OwnLayer layer, IReadOnlyList<Tensor> parameters) => new AutogradOperation(layer, parameters, Forward);
}
