using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Lcnn.Distributed.Model.Networks;

/// <summary>Convolution and batch norm; input and output scales are folded into weight and gain instead of passing over images.</summary>
internal sealed class ConvNode(ConvLayer layer) : INode
{
    public Tensor Forward(Tensor x, ForwardPass pass) => Forward(x, pass, 1, 1);

    /// <summary>outputScale * BN(conv(inputScale * x)).</summary>
    public Tensor Forward(Tensor x_BCHW, ForwardPass pass, double inputScale, double outputScale)
    {
        var effective = pass[layer];
        var weight = inputScale == 1 ? effective[0] : effective[0].Times(inputScale);
        var y_BCHW = functional.conv2d(
            x_BCHW, weight, layer.HasBias ? effective[1] : null, layer.Geometry.Strides, layer.Geometry.Paddings);
        if (layer.HasGain)
        {
            return pass.Normalize(layer, y_BCHW, outputScale == 1 ? effective[^1] : effective[^1].Times(outputScale));
        }

        var normalized = pass.Normalize(layer, y_BCHW, null);
        return outputScale == 1 ? normalized : normalized.TimesInPlace(outputScale);
    }
}

/// <summary>The reference's basic block: act(0.5 * (convbn2(act(convbn1(h))) + shortcut(h))) with h = x / sqrt 2.</summary>
/// <remarks>models/resnet_spectral.py:16-48 without its repeat and cat, which change no number.</remarks>
internal sealed class ResidualBlock(ConvNode conv1, ConvNode? shortcut, INode inner, ConvNode conv2, INode outer) : INode
{
    private static readonly double _entry = 1 / Math.Sqrt(2);
    private const double Exit = 0.5;

    public Tensor Forward(Tensor x_BCHW, ForwardPass pass)
    {
        var main = conv2.Forward(inner.Forward(conv1.Forward(x_BCHW, pass, _entry, 1), pass), pass, 1, Exit);
        var sum = shortcut is null
            ? main.PlusScaledInPlace(x_BCHW, Exit * _entry)
            : main.add_(shortcut.Forward(x_BCHW, pass, _entry, Exit));
        return outer.Forward(sum, pass);
    }
}

/// <summary>Centered softplus with a learnable beta.</summary>
internal sealed class BetaNode(BetaLayer layer) : INode
{
    public Tensor Forward(Tensor x, ForwardPass pass) => CenteredSoftplus.Forward(x, pass[layer][0]);
}

/// <summary>The reference's "standard" activation: plain softplus with beta 1e3 (layers.py:124).</summary>
internal sealed class SharpSoftplusNode : INode
{
    private const double Beta = 1e3;

    public Tensor Forward(Tensor x, ForwardPass pass) => x.Softplus(Beta, CenteredSoftplus.Threshold);
}

internal sealed class ReluNode : INode
{
    public Tensor Forward(Tensor x, ForwardPass pass) => functional.relu(x);
}

internal sealed class MaxPoolNode : INode
{
    public Tensor Forward(Tensor x, ForwardPass pass) => functional.max_pool2d(x, 2, 2);
}

/// <summary>Mean over the image: [B, C, H, W] to [B, C].</summary>
internal sealed class GlobalAveragePoolNode : INode
{
    public Tensor Forward(Tensor x, ForwardPass pass) => x.mean([2, 3]);
}

/// <summary>[B, C, H, W] to [B, C H W] in row-major order.</summary>
internal sealed class FlattenNode : INode
{
    public Tensor Forward(Tensor x, ForwardPass pass) => x.flatten(1);
}

internal sealed class LinearNode(LinearLayer layer) : INode
{
    public Tensor Forward(Tensor x, ForwardPass pass)
    {
        var effective = pass[layer];
        return functional.linear(x, effective[0], effective[1]);
    }
}
