using Lcnn.Distributed.Model.Kernels;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Operations;

/// <summary>y = (softplus(b x) - ln 2) / b with a learnable sharpness b (paper eq. 3, reference models/psoftplus.py), or softplus(b x) / b with a fixed one.</summary>
/// <remarks>
/// One fused kernel forward. With s = sigmoid(b x) the slope is g s and the adjoint h s; to the input they give b t with t = h g s (1 - s), and to b
/// &lt;t, x&gt;. The ordinary gradient of b is (&lt;g s, x&gt; - &lt;g, y&gt;) / b, so that no pass over the numbers is made for it alone.
/// </remarks>
/// <param name="layer">The layer that learns b, or null: then b is fixed and the function is not centered.</param>
internal sealed class SoftplusOperation(BetaLayer? layer, double beta) : Operation
{
    private Tensor? _x;
    private Tensor? _y;
    private Tensor? _slope; // s
    private Tensor? _gradient; // g s
    private Tensor? _second; // t
    private Tensor? _secondBeta;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var _ = no_grad();
        _x = KeepAlias(x);
        var y = x.Softplus(beta, ISoftplusKernels.Threshold);
        if (layer is null)
        {
            return y;
        }

        _y = KeepAlias(y.MinusInPlace(CenteredSoftplus.Ln2 / beta));
        return y;
    }

    /// <inheritdoc/>
    public override Tensor BackwardToInput(Tensor g)
    {
        using var _ = no_grad();
        var (slope, result) = ISoftplusKernels.For(g).BackwardToInput(_x!, g, beta);
        (_slope, _gradient) = (Keep(slope), KeepAlias(result));
        return result;
    }

    /// <inheritdoc/>
    public override Tensor Adjoint(Tensor h)
    {
        using var _ = no_grad();
        var (result, second, ofBeta) = ISoftplusKernels.For(h).Adjoint(h, _gradient!, _slope!, _x!);
        Replace(ref _second, second);
        Replace(ref _secondBeta, ofBeta);
        return result;
    }

    /// <inheritdoc/>
    public override Tensor Backward(Tensor g, ParameterGradients? gradients)
    {
        using var _ = no_grad();
        var passes = _second is null ? default((Tensor, Tensor)?) : (_slope!, _second);
        var (slope, sum) = ISoftplusKernels.For(g).Backward(_x!, gradients is null ? null : _y, g, passes, beta);
        if (sum is not null)
        {
            var ofBeta = sum.DividedBy(beta);
            gradients!.Add(layer!, 0, _secondBeta is null ? ofBeta : ofBeta.PlusInPlace(_secondBeta));
        }

        return slope;
    }
}
