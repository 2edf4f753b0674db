using Lcnn.Distributed.Model.Kernels;
using Lcnn.Distributed.Model.Layers;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Operations;

/// <summary>Batch norm by the statistics of this shard's samples, or of the whole global batch: then every pass halts for sums over all shards.</summary>
/// <remarks>
/// With G the gain, r = 1/sqrt(variance + eps), xhat = (x - mean) r, and over all N values of a channel a = mean(g xhat), b = mean(h xhat), hg = mean(h g),
/// mh = mean(h), mg = mean(g), Q = hg - mh mg - a b: the plain backward pass is G r (g - mg - a xhat), self-adjoint in g, so that the adjoint pass is the
/// same of h. h and g give to the input -G r^2 [a h + b g + xhat (Q - 2 a b) - (mh a + mg b)], and to the gain r (sum(h g) - mg sum(h) - a sum(h xhat)).
/// Nine numbers a channel travel: mean and sum of squared deviations; sums of g and g xhat; of h, h xhat and h g; of the total slope, twice.
/// What is left of each pass is one sweep for its sums and one for its result.
/// </remarks>
/// <param name="gain">One number for all channels.</param>
/// <param name="scale">What the output is multiplied with besides.</param>
/// <param name="halts">Whether the sums are over all shards.</param>
internal sealed class BatchNormOperation(Layer layer, double gain, double scale, bool halts) : Operation, IBatchStatistics
{
    private BatchStatistics? _own;
    private double _count; // N
    private double[] _mean = [];
    private double[] _r = [];
    private Tensor? _x_BCHW;
    private Tensor? _g_BCHW;
    private Tensor? _h_BCHW;
    private Tensor? _current_BCHW; // what the current pass began with
    private double[] _sums = []; // of this shard in the current pass
    private double[] _a = [], _mg = [];
    private double[]? _b, _mh, _hg;
    private double _secondGain;

    /// <inheritdoc/>
    public int LayerIndex => layer.Index;

    /// <inheritdoc/>
    public Tensor? ToRead => null;

    /// <inheritdoc/>
    public BatchStatistics StatisticsFrom(ReadOnlySpan<double> read) => _own!;

    /// <summary>Whether the passes halt: <see cref="Begin"/> and <see cref="End"/> instead of each.</summary>
    public bool Halts => halts;

    private IChannelKernels Kernels => IChannelKernels.For(_x_BCHW!);

    private int Channels => _mean.Length;

    private double Gain => gain * scale;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => End(Pass.Forward, Begin(Pass.Forward, x), null);

    /// <inheritdoc/>
    public override Tensor BackwardToInput(Tensor g) => End(Pass.BackwardToInput, Begin(Pass.BackwardToInput, g), null);

    /// <inheritdoc/>
    public override Tensor Adjoint(Tensor h) => End(Pass.Adjoint, Begin(Pass.Adjoint, h), null);

    /// <inheritdoc/>
    public override Tensor Backward(Tensor g, ParameterGradients? gradients) => End(Pass.Backward, Begin(Pass.Backward, g), gradients);

    /// <summary>The part of a pass before the sums.</summary>
    /// <param name="t">x, g, h or g, as the pass has it.</param>
    public NormShare Begin(Pass pass, Tensor t)
    {
        using var _ = no_grad();
        if (pass == Pass.Forward)
        {
            _x_BCHW = KeepAlias(t);
            _own = StatisticsOf(t);
            return NormShare.Of(_own);
        }

        Replace(ref _current_BCHW, t.detach());
        _sums = pass == Pass.Adjoint
            ? Kernels.Sums(t, (_x_BCHW!, _mean), (_g_BCHW!, null))
            : Kernels.Sums(t, (_x_BCHW!, _mean));
        return NormShare.Of(_sums);
    }

    /// <summary>The part of a pass after them; the result is the caller's.</summary>
    /// <param name="total">Over all shards.</param>
    public Tensor End(Pass pass, NormShare total, ParameterGradients? gradients)
    {
        using var _ = no_grad();
        return pass switch
        {
            Pass.Forward => EndForward(total.Statistics!),
            Pass.BackwardToInput => EndBackwardToInput(total.Sums),
            Pass.Adjoint => EndAdjoint(total.Sums),
            _ => EndBackward(total.Sums, gradients),
        };
    }

    private static BatchStatistics StatisticsOf(Tensor x_BCHW)
    {
        var (mean, deviation) = IChannelKernels.For(x_BCHW).Moments(x_BCHW);
        return BatchStatistics.OfDeviations((double)x_BCHW.numel() / mean.Length, mean, deviation);
    }

    private Tensor EndForward(BatchStatistics total)
    {
        _count = total.Count;
        _mean = total.Mean.ToArray();
        _r = PerChannel(c => 1 / Math.Sqrt(total.BiasedVariance(c) + LipschitzBatchNorm.Epsilon));
        return Kernels.Combine(PerChannel(c => -Gain * _r[c] * _mean[c]), (_x_BCHW!, PerChannel(c => Gain * _r[c])));
    }

    private Tensor EndBackwardToInput(double[] sums)
    {
        _g_BCHW = _current_BCHW;
        _current_BCHW = null;
        (_mg, _a) = (MeanOf(sums), MeanOfXhat(sums));
        return Centered(_g_BCHW!, _mg, _a);
    }

    private Tensor EndAdjoint(double[] sums)
    {
        ReleaseAndSet(ref _h_BCHW, ref _current_BCHW);
        (_mh, _b) = (MeanOf(sums), MeanOfXhat(sums));
        _hg = PerChannel(c => sums[(2 * Channels) + c] / _count);
        _secondGain = Sum(c => _r[c] * (_sums[(2 * Channels) + c] - (_mg[c] * _sums[c]) - (_a[c] * _r[c] * _sums[Channels + c])));
        return Centered(_h_BCHW!, _mh, _b);
    }

    private Tensor EndBackward(double[] sums, ParameterGradients? gradients)
    {
        if (gradients is not null && layer.HasGain)
        {
            var ofGain = scale * (_secondGain + Sum(c => _r[c] * _sums[Channels + c]));
            gradients.Add(layer, layer.EffectiveShapes.Count - 1, tensor(ofGain, dtype: _x_BCHW!.dtype, device: _x_BCHW.device));
        }

        var (mean, xhat) = (MeanOf(sums), MeanOfXhat(sums));
        if (_h_BCHW is null)
        {
            return Centered(_current_BCHW!, mean, xhat);
        }

        var square = PerChannel(c => Gain * _r[c] * _r[c]);
        var curved = PerChannel(c => square[c] * _r[c] * (_hg![c] - (_mh![c] * _mg[c]) - (3 * _a[c] * _b![c])));
        return Kernels.Combine(
            PerChannel(c => (-Gain * _r[c] * mean[c]) + (square[c] * ((xhat[c] * _mean[c]) + (_mh![c] * _a[c]) + (_mg[c] * _b![c]))) + (curved[c] * _mean[c])),
            (_current_BCHW!, PerChannel(c => Gain * _r[c])),
            (_x_BCHW!, PerChannel(c => (-square[c] * xhat[c]) - curved[c])),
            (_h_BCHW, PerChannel(c => -square[c] * _a[c])),
            (_g_BCHW!, PerChannel(c => -square[c] * _b![c])));
    }

    // G r (t - mean - xhat mean(t xhat)).
    private Tensor Centered(Tensor t_BCHW, double[] mean, double[] xhat) => Kernels.Combine(
        PerChannel(c => (-Gain * _r[c] * mean[c]) + (Gain * _r[c] * _r[c] * xhat[c] * _mean[c])),
        (t_BCHW, PerChannel(c => Gain * _r[c])),
        (_x_BCHW!, PerChannel(c => -Gain * _r[c] * _r[c] * xhat[c])));

    private double[] MeanOf(double[] sums) => PerChannel(c => sums[c] / _count);

    private double[] MeanOfXhat(double[] sums) => PerChannel(c => _r[c] * sums[Channels + c] / _count);

    private double[] PerChannel(Func<int, double> value)
    {
        var values = new double[Channels];
        for (var c = 0; c < values.Length; c++)
        {
            values[c] = value(c);
        }

        return values;
    }

    private double Sum(Func<int, double> value)
    {
        var sum = 0.0;
        for (var c = 0; c < Channels; c++)
        {
            sum += value(c);
        }

        return sum;
    }

    private void ReleaseAndSet(ref Tensor? held, ref Tensor? next)
    {
        var tensor = next!;
        next = null;
        if (held is not null)
        {
            Release(held);
        }

        held = tensor;
    }
}
