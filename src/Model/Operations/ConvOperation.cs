using Lcnn.Distributed.Model.Kernels;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Operations;

/// <summary>y = conv(s x, W) + b, the scale s folded into the weight.</summary>
/// <remarks>Linear in x: Jh is the convolution of h, and the weight's gradient of both parts is the ordinary one, of that convolution and of the forward one.</remarks>
/// <param name="weight">s W, shape [out, in, kernel, kernel], channels-last.</param>
/// <param name="bias">Shape [out], or null.</param>
/// <param name="scale">s.</param>
/// <param name="givesSlope">Whether the plain backward pass goes on to the input: not at the first layer.</param>
internal sealed class ConvOperation(ConvLayer layer, Tensor weight, Tensor? bias, double scale, bool givesSlope) : Operation
{
    private Tensor? _x_BCHW;
    private Tensor? _weight;
    private Tensor? _bias;
    private Tensor? _y_BCHW;
    private Tensor? _g_BCHW;
    private Tensor? _weightGradient;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var _ = enable_grad();
        (_x_BCHW, _weight, _bias) = (KeepLeaf(x), KeepLeaf(weight), bias is null ? null : KeepLeaf(bias));
        _y_BCHW = Keep(Convolve(_x_BCHW, _weight, _bias));
        return _y_BCHW.detach();
    }

    /// <inheritdoc/>
    public override Tensor BackwardToInput(Tensor g)
    {
        _g_BCHW = KeepAlias(g);
        return LeafGradients.Of(_y_BCHW!, [_x_BCHW!], g, retainGraph: true)[0];
    }

    /// <inheritdoc/>
    public override Tensor Adjoint(Tensor h)
    {
        using var _ = enable_grad();
        using var leaf = weight.detach().requires_grad_();
        using var y_BCHW = Convolve(h, leaf, null);
        Replace(ref _weightGradient, LeafGradients.Of(y_BCHW, [leaf], _g_BCHW)[0]);
        return y_BCHW.detach();
    }

    /// <inheritdoc/>
    public override Tensor? Backward(Tensor g, ParameterGradients? gradients)
    {
        var leaves = new List<Tensor>(3);
        if (gradients is not null)
        {
            leaves.Add(_weight!);
            if (_bias is not null)
            {
                leaves.Add(_bias);
            }
        }

        if (givesSlope)
        {
            leaves.Add(_x_BCHW!);
        }

        if (leaves.Count == 0)
        {
            return null;
        }

        var slopes = LeafGradients.Of(_y_BCHW!, leaves, g, retainGraph: gradients is null);
        if (gradients is not null)
        {
            gradients.AddConvolution(layer, slopes[0], _weightGradient, scale, _bias is null ? null : slopes[1]);
        }

        return givesSlope ? slopes[^1] : null;
    }

    private Tensor Convolve(Tensor x_BCHW, Tensor w, Tensor? b) => Convolution.Of(x_BCHW, w, b, layer.Geometry.Strides, layer.Geometry.Paddings, layer.Geometry.Groups);
}
