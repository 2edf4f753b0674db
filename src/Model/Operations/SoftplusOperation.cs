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
        var y = x.Softplus(beta, CenteredSoftplus.Threshold);
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
        _slope = Keep(Slope());
        _gradient = KeepAlias(g * _slope);
        return _gradient.detach();
    }

    /// <inheritdoc/>
    public override Tensor Adjoint(Tensor h)
    {
        using var _ = no_grad();
        var hg = h * _gradient!;
        Replace(ref _second, hg.PlusProduct(hg, _slope!, -1));
        if (layer is not null)
        {
            Replace(ref _secondBeta, Dot(_second!, _x!));
        }

        return h * _slope!;
    }

    /// <inheritdoc/>
    public override Tensor Backward(Tensor g, ParameterGradients? gradients)
    {
        using var _ = no_grad();
        var slope = _slope is null ? Slope().mul_(g) : g * _slope;
        if (gradients is not null && layer is not null)
        {
            var ofBeta = (Dot(slope, _x!) - Dot(g, _y!)).DividedBy(beta);
            gradients.Add(layer, 0, _secondBeta is null ? ofBeta : ofBeta.PlusInPlace(_secondBeta));
        }

        return _second is null ? slope : slope.PlusScaledInPlace(_second, beta);
    }

    // Exactly 1 above the threshold, as torch's softplus; in 32 bits the sigmoid is that already.
    private Tensor Slope()
    {
        var scaled = _x!.Times(beta);
        return scaled.dtype == ScalarType.Float64
            ? where(scaled.IsAbove(CenteredSoftplus.Threshold), ones_like(scaled), scaled.sigmoid())
            : scaled.sigmoid_();
    }

    // A dot product of any order of elements, the same in both factors: channels-last stays uncopied.
    private static Tensor Dot(Tensor left, Tensor right) =>
        left.ndim == 4 && !left.is_contiguous()
            ? left.permute(0, 2, 3, 1).reshape(-1).dot(right.permute(0, 2, 3, 1).reshape(-1))
            : left.reshape(-1).dot(right.reshape(-1));
}
