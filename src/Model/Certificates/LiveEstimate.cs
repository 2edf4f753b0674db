using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Networks;

namespace Lcnn.Distributed.Model.Certificates;

/// <summary>The bound on curvature as training goes, from the numbers that owners hold anyway: an estimate, as power iterations are below the norms they go to.</summary>
/// <param name="Logits">As <see cref="NetworkCertificate.Logits"/>, estimated.</param>
/// <param name="Shares">As <see cref="NetworkCertificate.Shares"/>, estimated.</param>
public sealed record LiveEstimate(Smoothness Logits, IReadOnlyList<ActivationShare> Shares)
{
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
