using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Operations;

/// <summary>Batch norm by running statistics: an affine map a channel.</summary>
internal sealed class RunningNormOperation(Layer layer, Tensor? gain, double scale, Tensor mean_C, Tensor variance_C) : NormOperation(layer, gain, scale)
{
    private Tensor? _x_BCHW;
    private Tensor? _y_BCHW;
    private Tensor? _g_BCHW;
    private Tensor? _secondGain_C;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var _ = enable_grad();
        SpreadGain(x);
        _x_BCHW = KeepLeaf(x);
        _y_BCHW = Keep(Normalize(_x_BCHW, mean_C, variance_C, Gain_C, null, ofBatch: false));
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
        var adjoint = LeafGradients.Of(_y_BCHW!, [_x_BCHW!], h, retainGraph: true)[0];
        using var _ = no_grad();
        var rows = new ChannelRows(h);
        var r_C = variance_C.Plus(LipschitzBatchNorm.Epsilon).rsqrt();
        Replace(ref _secondGain_C, rows.Sum(rows.Of(h) * rows.Of(_g_BCHW!)) * r_C);
        return adjoint;
    }

    /// <inheritdoc/>
    public override Tensor Backward(Tensor g, ParameterGradients? gradients)
    {
        var slopes = LeafGradients.Of(_y_BCHW!, [_x_BCHW!, Gain_C!], g, retainGraph: gradients is null);
        using var _ = no_grad();
        AddGain(gradients, _secondGain_C is null ? slopes[1] : slopes[1].Plus(_secondGain_C));
        return slopes[0];
    }
}
