using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Operations;

/// <summary>Batch norm by the statistics of this shard's samples: torch's own kernels for the first derivatives, the second written out.</summary>
/// <remarks>
/// The plain backward pass is self-adjoint in g, so the adjoint pass is the same kernel on h. With a = mean(g xhat), b = mean(h xhat), hg = mean(h g),
/// mh = mean(h), mg = mean(g) over the normalised samples, Q = hg - mh mg - a b and r = 1/sqrt(variance + eps), h and g give to the input
/// -gain r^2 [a h + b g + xhat (Q - 2 a b) - (mh a + mg b)] and to the gain n r Q.
/// </remarks>
internal sealed class DeviceBatchNormOperation(Layer layer, Tensor? gain, double scale) : NormOperation(layer, gain, scale), IBatchStatistics
{
    private Tensor? _x_BCHW;
    private Tensor? _y_BCHW;
    private Tensor? _g_BCHW;
    private Tensor? _gSum_C; // of g xhat
    private Tensor? _mean_C;
    private Tensor? _variance_C;
    private Tensor? _second_BCHW;
    private Tensor? _secondGain_C;

    private double Count => (double)_x_BCHW!.numel() / _x_BCHW.shape[1];

    /// <inheritdoc/>
    public int LayerIndex => Layer.Index;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var _ = enable_grad();
        SpreadGain(x);
        _x_BCHW = KeepLeaf(x);
        _mean_C = Keep(zeros(x.shape[1], dtype: x.dtype, device: x.device));
        _variance_C = Keep(zeros_like(_mean_C));
        _y_BCHW = Keep(Normalize(_x_BCHW, _mean_C, _variance_C, Gain_C, null, ofBatch: true));
        return _y_BCHW.detach();
    }

    /// <inheritdoc/>
    public Tensor ToRead => cat([_mean_C!, _variance_C!]);

    /// <inheritdoc/>
    public BatchStatistics StatisticsFrom(ReadOnlySpan<double> read) => BatchStatistics.Of(Count, read[..(read.Length / 2)], read[(read.Length / 2)..]);

    /// <inheritdoc/>
    public override Tensor BackwardToInput(Tensor g)
    {
        _g_BCHW = KeepAlias(g);
        var (slope, sum) = Differentiate(g, retainGraph: true);
        _gSum_C = Keep(sum);
        return slope;
    }

    /// <inheritdoc/>
    public override Tensor Adjoint(Tensor h)
    {
        var (adjoint, hSum_C) = Differentiate(h, retainGraph: true);
        using var _ = no_grad();
        var rows = new ChannelRows(h);
        var (h2, g2, x2) = (rows.Of(h), rows.Of(_g_BCHW!), rows.Of(_x_BCHW!.detach()));
        var share = 1 / Count;
        var (a, b) = (_gSum_C!.Times(share), hSum_C.Times(share));
        var (mh, mg, hg) = (rows.Sum(h2).Times(share), rows.Sum(g2).Times(share), rows.Sum(h2 * g2).Times(share));
        var r = _variance_C!.Times((Count - 1) * share).Plus(LipschitzBatchNorm.Epsilon).rsqrt();
        var ab = a * b;
        var q = hg - (mh * mg) - ab;
        Replace(ref _secondGain_C, q * r.Times(Count));

        var factor = (Gain_C!.detach() * r * r).neg();
        var ofX = factor * r * (q - ab.Times(2));
        var rest = (factor * ((mh * a).Plus(mg * b))).neg() - (ofX * _mean_C!);
        var second = (h2 * rows.Spread(factor * a)).PlusProductInPlace(g2, rows.Spread(factor * b)).PlusProductInPlace(x2, rows.Spread(ofX)).PlusInPlace(rows.Spread(rest));
        Replace(ref _second_BCHW, rows.Images(second));
        return adjoint;
    }

    /// <inheritdoc/>
    public override Tensor Backward(Tensor g, ParameterGradients? gradients)
    {
        var (slope, sum_C) = Differentiate(g, retainGraph: gradients is null);
        using var _ = no_grad();
        AddGain(gradients, _secondGain_C is null ? sum_C : sum_C.Plus(_secondGain_C));
        return _second_BCHW is null ? slope : slope.PlusInPlace(_second_BCHW);
    }

    // The gradient of the gain a channel is the sum of g xhat, whatever the gain.
    private (Tensor Slope, Tensor Sum_C) Differentiate(Tensor g, bool retainGraph)
    {
        var slopes = LeafGradients.Of(_y_BCHW!, [_x_BCHW!, Gain_C!], g, retainGraph);
        return (slopes[0], slopes[1]);
    }
}
