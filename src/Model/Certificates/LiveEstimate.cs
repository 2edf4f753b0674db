using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Certificates;

/// <summary>The bound on curvature as training goes, from the numbers that owners hold anyway: an estimate, as power iterations are below the norms they go to.</summary>
/// <param name="Logits">As <see cref="NetworkCertificate.Logits"/>, estimated.</param>
/// <param name="Shares">As <see cref="NetworkCertificate.Shares"/>, estimated.</param>
public sealed record LiveEstimate(Smoothness Logits, IReadOnlyList<ActivationShare> Shares)
{
    /// <summary>Estimates a network whose owners divide every weight by its norm, from the layers as evaluation has them: nothing is multiplied, no image is read.</summary>
    /// <param name="layers">Evaluation parameters of every layer, with running statistics.</param>
    /// <returns>Null where a weight's norm is nobody's business, or where there is no finite bound.</returns>
    public static LiveEstimate? Of(Network network, IReadOnlyList<PreparedLayer> layers)
    {
        if (network.Layers.Any(layer => layer is ConvLayer or LinearLayer && layer.SpectralMacs == 0))
        {
            return null;
        }

        var estimate = Of(network, [.. layers.Select(layer => new LayerFigures(1, SlopeOf(layer), layer.Penalty.Beta))]);
        return double.IsFinite(estimate.Logits.JacobianLipschitz) ? estimate : null;
    }

    /// <summary>Estimates a network.</summary>
    /// <param name="figures">One a layer, in the network's order.</param>
    /// <exception cref="ArgumentException">There are more or fewer, or an activation has no beta.</exception>
    public static LiveEstimate Of(Network network, IReadOnlyList<LayerFigures> figures)
    {
        if (figures.Count != network.Layers.Count)
        {
            throw new ArgumentException($"expected figures of {network.Layers.Count} layers, got {figures.Count}", nameof(figures));
        }

        var smoothness = NetworkSmoothness.Of(network, new Gains(figures));
        return new LiveEstimate(smoothness.Logits, smoothness.Shares());
    }

    // Of the batch norm with its gain, in the channel that varies least.
    private static double SlopeOf(PreparedLayer layer)
    {
        if (layer.RunningVar is null)
        {
            return 1;
        }

        using var scope = NewDisposeScope();
        return Math.Abs(layer.Gain ?? 1) / Math.Sqrt(layer.RunningVar.detach().min().ReadDouble() + LipschitzBatchNorm.Epsilon);
    }

    private sealed class Gains(IReadOnlyList<LayerFigures> figures) : ILayerGains
    {
        public AffineGain Of(ConvLayer layer) => Gain(layer);

        public AffineGain Of(NormLayer layer) => Gain(layer);

        public AffineGain Of(LinearLayer layer) => Gain(layer);

        public double Beta(BetaLayer layer) => figures[layer.Index].Beta
            ?? throw new ArgumentException($"activation '{layer.Path}' has no beta among the figures");

        // A row is never longer than the whole.
        private AffineGain Gain(Layer layer)
        {
            var norm = figures[layer.Index].Sigma * figures[layer.Index].Slope;
            return new AffineGain(norm, norm, double.PositiveInfinity);
        }
    }
}
