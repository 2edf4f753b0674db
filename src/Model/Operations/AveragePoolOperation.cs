using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Operations;

/// <summary>Mean over the image: [B, C, H, W] to [B, C].</summary>
internal sealed class AveragePoolOperation : Operation
{
    private long[] _shape = [];

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        _shape = x.shape;
        return Mean(x);
    }

    /// <inheritdoc/>
    public override Tensor BackwardToInput(Tensor g) => Spread(g);

    /// <inheritdoc/>
    public override Tensor Adjoint(Tensor h) => Mean(h);

    /// <inheritdoc/>
    public override Tensor Backward(Tensor g, ParameterGradients? gradients) => Spread(g);

    private static Tensor Mean(Tensor x)
    {
        using var _ = no_grad();
        return x.mean([2L, 3L]);
    }

    private Tensor Spread(Tensor g)
    {
        using var _ = no_grad();
        return TensorLayout.ForKernels(g.DividedBy(_shape[2] * _shape[3]).view(_shape[0], _shape[1], 1, 1).expand(_shape));
    }
}
