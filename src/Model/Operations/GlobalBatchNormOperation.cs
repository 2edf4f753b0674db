using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Operations;

/// <summary>Batch norm by the statistics of the whole global batch, of which this shard has a part: every pass halts for sums over all shards.</summary>
/// <remarks>
/// The formulas are <see cref="BatchNormOperation"/>'s with means over all N values a channel. The kernels are torch's for given statistics,
/// whose backward hands out g gain r and both sums of g; what the batch's mean and variance add to it is an affine map of x.
/// Nine numbers a channel travel: mean and sum of squared deviations; sums of g and g xhat; of h, h xhat and h g; of the total slope, twice.
/// </remarks>
internal sealed class GlobalBatchNormOperation(ConvLayer layer, Tensor? gain, double scale) : NormOperation(layer, gain, scale), IBatchStatistics
{
    private Tensor? _moments;
    private double _count; // N, over all shards
    private Tensor? _x_BCHW;
    private Tensor? _y_BCHW;
    private Tensor? _shift_C;
    private Tensor? _mean_C;
    private Tensor? _r_C;
    private Tensor? _g_BCHW;
    private Tensor? _h_BCHW;
    private Tensor? _halted_BCHW;
    private Tensor? _total_C;
    private Tensor? _second_BCHW;
    private Tensor? _secondGain_C;
    private (Tensor A, Tensor Mean)? _ofG; // means of g xhat and of g
    private (Tensor HX, Tensor H, Tensor HG)? _ownOfH; // sums over this shard

    /// <inheritdoc/>
    public int LayerIndex => Layer.Index;

    /// <inheritdoc/>
    public double Count => (double)_x_BCHW!.numel() / _x_BCHW.shape[1];

    /// <inheritdoc/>
    public Tensor Moments => _moments!.detach();

    /// <summary>The part of a pass before the sums.</summary>
    /// <param name="t">x, g, h or g, as the pass has it.</param>
    public NormShare Begin(Pass pass, Tensor t)
    {
        using var scope = NewDisposeScope();
        return pass switch
        {
            Pass.Forward => BeginForward(t),
            Pass.Adjoint => BeginAdjoint(t),
            _ => BeginBackward(pass, t),
        };
    }

    /// <summary>The part of a pass after them; the result is the caller's.</summary>
    /// <param name="total">Over all shards.</param>
    public Tensor End(Pass pass, NormShare total, ParameterGradients? gradients)
    {
        using var scope = NewDisposeScope();
        var result = pass switch
        {
            Pass.Forward => EndForward(total.Statistics!),
            Pass.BackwardToInput => EndBackwardToInput(total.Sums),
            Pass.Adjoint => EndAdjoint(total.Sums),
            _ => EndBackward(gradients, total.Sums),
        };
        return result.DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => throw Halts();

    /// <inheritdoc/>
    public override Tensor BackwardToInput(Tensor g) => throw Halts();

    /// <inheritdoc/>
    public override Tensor Adjoint(Tensor h) => throw Halts();

    /// <inheritdoc/>
    public override Tensor Backward(Tensor g, ParameterGradients? gradients) => throw Halts();

    private NormShare BeginForward(Tensor x)
    {
        using var _ = no_grad();
        SpreadGain(x);
        _x_BCHW = KeepLeaf(x);
        var (mean_C, variance_C) = (zeros(x.shape[1], dtype: x.dtype, device: x.device), zeros(x.shape[1], dtype: x.dtype, device: x.device));
        Normalize(x, mean_C, variance_C, null, null, ofBatch: true);
        _moments = Keep(cat([mean_C, variance_C]));
        var moments = _moments.ReadDoubles();
        return NormShare.Of(BatchStatistics.Of(Count, moments.AsSpan(0, moments.Length / 2), moments.AsSpan(moments.Length / 2)));
    }

    private Tensor EndForward(BatchStatistics total)
    {
        using var _ = enable_grad();
        _count = total.Count;
        var channels = Enumerable.Range(0, total.Mean.Length);
        _mean_C = Keep(PerChannel(total.Mean.ToArray()));
        var variance_C = PerChannel([.. channels.Select(total.BiasedVariance)]);
        _r_C = Keep(PerChannel([.. channels.Select(channel => 1 / Math.Sqrt(total.BiasedVariance(channel) + LipschitzBatchNorm.Epsilon))]));
        _shift_C = Keep(zeros_like(_mean_C).requires_grad_());
        _y_BCHW = Keep(Normalize(_x_BCHW!, _mean_C, variance_C, Gain_C, _shift_C, ofBatch: false));
        return _y_BCHW.detach();
    }

    private NormShare BeginBackward(Pass pass, Tensor g)
    {
        if (pass == Pass.BackwardToInput)
        {
            _g_BCHW = KeepAlias(g);
        }

        var (gx_C, g_C) = Differentiate(g);
        if (pass == Pass.Backward)
        {
            Replace(ref _total_C, gx_C);
        }

        return NormShare.Of(cat([gx_C, g_C]).ReadDoubles());
    }

    private Tensor EndBackwardToInput(double[] sums)
    {
        using var _ = no_grad();
        var (a, mean) = (Keep(Mean(sums, 0)), Keep(Mean(sums, 1)));
        _ofG = (a, mean);
        return Centered(a, mean);
    }

    private NormShare BeginAdjoint(Tensor h)
    {
        Replace(ref _h_BCHW, h.detach());
        var (hx_C, h_C) = Differentiate(h);
        using var _ = no_grad();
        var rows = new ChannelRows(h);
        var hg_C = rows.Sum(rows.Of(h) * rows.Of(_g_BCHW!));
        _ownOfH = (Keep(hx_C), Keep(h_C), Keep(hg_C));
        return NormShare.Of(cat([hx_C, h_C, hg_C]).ReadDoubles());
    }

    private Tensor EndAdjoint(double[] sums)
    {
        using var _ = no_grad();
        var (a, mg) = _ofG!.Value;
        var (hx, h, hg) = _ownOfH!.Value;
        var (b, mh, mhg) = (Mean(sums, 0), Mean(sums, 1), Mean(sums, 2));
        Replace(ref _secondGain_C, _r_C! * (hg - (mg * h) - (a * hx)));

        var rows = new ChannelRows(_h_BCHW!);
        var factor = (Gain_C!.detach() * _r_C! * _r_C!).neg();
        var ab = a * b;
        var ofX = factor * _r_C! * (mhg - (mh * mg) - ab.Times(3));
        var rest = (factor * ((mh * a).Plus(mg * b))).neg() - (ofX * _mean_C!);
        var second = (rows.Of(_h_BCHW!) * rows.Spread(factor * a))
            .PlusProductInPlace(rows.Of(_g_BCHW!), rows.Spread(factor * b))
            .PlusProductInPlace(rows.Of(_x_BCHW!.detach()), rows.Spread(ofX))
            .PlusInPlace(rows.Spread(rest));
        Replace(ref _second_BCHW, rows.Images(second));
        return Centered(b, mh);
    }

    private Tensor EndBackward(ParameterGradients? gradients, double[] sums)
    {
        using var _ = no_grad();
        AddGain(gradients, _secondGain_C is null ? _total_C! : _total_C!.Plus(_secondGain_C));
        var slope = Centered(Mean(sums, 0), Mean(sums, 1));
        return _second_BCHW is null ? slope : slope.PlusInPlace(_second_BCHW);
    }

    // What torch's backward made of g with given statistics, less what g gives to the batch's mean and variance: gain r (mean + xhat a).
    private Tensor Centered(Tensor a_C, Tensor mean_C)
    {
        var slope = _halted_BCHW!;
        _halted_BCHW = null;
        var rows = new ChannelRows(slope);
        var factor = Gain_C!.detach() * _r_C!;
        var ofX = (factor * _r_C! * a_C).neg();
        var rest = (factor * mean_C).neg() - (ofX * _mean_C!);
        using (slope)
        {
            return rows.Images(rows.Of(slope).PlusProductInPlace(rows.Of(_x_BCHW!.detach()), rows.Spread(ofX)).PlusInPlace(rows.Spread(rest)));
        }
    }

    // The sums of g xhat and of g over this shard; g gain r waits for the sums over all.
    private (Tensor GX_C, Tensor G_C) Differentiate(Tensor g)
    {
        var slopes = LeafGradients.Of(_y_BCHW!, [_x_BCHW!, Gain_C!, _shift_C!], g, retainGraph: true);
        _halted_BCHW = slopes[0].DetachFromDisposeScope();
        return (slopes[1], slopes[2]);
    }

    private Tensor Mean(double[] sums, int which)
    {
        var channels = (int)_mean_C!.shape[0];
        return PerChannel([.. sums.AsSpan(which * channels, channels).ToArray().Select(sum => sum / _count)]);
    }

    private Tensor PerChannel(double[] values) => tensor(values, dtype: _x_BCHW!.dtype, device: _x_BCHW.device);

    private static InvalidOperationException Halts() => new("a batch norm over the whole batch halts in every pass: Begin and End");
}
