using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Certificates;

/// <summary>Upper bounds from the weights that evaluation uses (W / sigma, whatever the power iteration made of sigma), in exact arithmetic on them.</summary>
/// <param name="layers">Evaluation parameters of every layer, with running statistics.</param>
/// <param name="advanced">Told of every layer that is bounded; what it throws ends the work.</param>
internal sealed class CertifiedGains(IReadOnlyList<PreparedLayer> layers, Action? advanced = null) : ILayerGains
{
    // Of 1 / sqrt(variance + eps) and its products: a handful of roundings.
    private const double GainError = 1 + (16 * Upward.Roundoff);

    /// <inheritdoc/>
    public AffineGain Of(ConvLayer layer)
    {
        using var scope = NewDisposeScope();
        var (prepared, geometry) = (layers[layer.Index], layer.Geometry);
        var weight_OIKK = InDouble(prepared.Effective[0]).contiguous();
        if (layer.HasBatchNorm)
        {
            weight_OIKK = weight_OIKK * tensor(ChannelGains(prepared), dtype: ScalarType.Float64).view(-1, 1, 1, 1);
        }

        var norm = ConvolutionNorm.Upper(weight_OIKK, geometry.Height, geometry.Width, geometry.Stride, geometry.Padding, geometry.Groups);
        var (row, sum) = RowNorms.Largest(weight_OIKK);
        advanced?.Invoke();
        return new AffineGain(norm, Upward.Times(GainError, row), Upward.Times(GainError, sum));
    }

    /// <inheritdoc/>
    public AffineGain Of(NormLayer layer)
    {
        var steepest = ChannelGains(layers[layer.Index]).Max();
        return new AffineGain(steepest, steepest, steepest);
    }

    /// <inheritdoc/>
    public AffineGain Of(LinearLayer layer)
    {
        using var scope = NewDisposeScope();
        var weight_OI = Weight(layer);
        var (row, sum) = RowNorms.Largest(weight_OI);
        return new AffineGain(GramIteration.Upper(weight_OI.unsqueeze(0)), row, sum);
    }

    /// <inheritdoc/>
    public double Beta(BetaLayer layer) => layers[layer.Index].Penalty.Beta!.Value;

    /// <summary>The weight of a linear layer, float64, in the caller's dispose scope.</summary>
    public Tensor Weight(LinearLayer layer) => InDouble(layers[layer.Index].Effective[0]);

    // |gain| / sqrt(variance + eps), rounded up.
    private static double[] ChannelGains(PreparedLayer layer)
    {
        using var scope = NewDisposeScope();
        var gain = Math.Abs(layer.Gain ?? 1);
        return Array.ConvertAll(
            InDouble(layer.RunningVar!).ReadDoubles(),
            variance => gain / Math.Sqrt(variance + LipschitzBatchNorm.Epsilon) * GainError);
    }

    private static Tensor InDouble(Tensor t) => t.detach().to(ScalarType.Float64, CPU);
}
