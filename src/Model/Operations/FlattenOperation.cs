using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Operations;

/// <summary>[B, C, H, W] to [B, C H W] in row-major order.</summary>
internal sealed class FlattenOperation : Operation
{
    private long[] _shape = [];

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        _shape = x.shape;
        return x.flatten(1);
    }

    /// <inheritdoc/>
    public override Tensor BackwardToInput(Tensor g) => TensorLayout.ForKernels(g.view(_shape));

    /// <inheritdoc/>
    public override Tensor Adjoint(Tensor h) => h.flatten(1);

    /// <inheritdoc/>
    public override Tensor Backward(Tensor g, ParameterGradients? gradients) => BackwardToInput(g);
}
