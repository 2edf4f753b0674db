using Lcnn.Distributed.Model.Certificates;

namespace Lcnn.Distributed.Model.Robustness;

/// <summary>What is certain of a network and of the first test samples.</summary>
/// <param name="Covers">What is certified, for readers.</param>
/// <param name="Samples">How many images.</param>
/// <param name="Lipschitz">Bound on the Lipschitz constant of the logits, l2, in units of what the network is given.</param>
/// <param name="LogitHessian">Bound on the Hessian of every logit; infinite without one.</param>
/// <param name="LossHessian">Bound on the Hessian of the cross-entropy.</param>
/// <param name="LossGradient">Bound on the gradient of the cross-entropy.</param>
/// <param name="Obstacle">Why there is no bound on Hessians; null where there is one.</param>
/// <param name="Loosest">The activations that add most to it, the most first.</param>
/// <param name="MedianRadius">Of all samples in units of pixels, l2; 0 where a sample is classified wrongly.</param>
/// <param name="LargestRadius">The same.</param>
/// <param name="ByCurvature">Samples whose radius by curvature is larger than that by the Lipschitz bound.</param>
/// <param name="At">Share of samples that are classified rightly within each epsilon for certain.</param>
public sealed record CertificateFigures(
    string Covers, int Samples, double Lipschitz, double LogitHessian, double LossHessian, double LossGradient, string? Obstacle, IReadOnlyList<LayerShare> Loosest,
    double MedianRadius, double LargestRadius, int ByCurvature, IReadOnlyList<CertifiedAccuracy> At)
{
    private const int LayersShown = 5;
    private const string Scope = "the network in evaluation with exact softplus in real arithmetic, its float32 weights taken as exact; not float32 inference";

    internal static CertificateFigures From(RobustnessPlan plan, NetworkCertificate certificate, IReadOnlyList<SampleCertificate> samples)
    {
        var radii = samples.Select(sample => sample.Radius).Order().ToList();
        return new CertificateFigures(
            Scope, samples.Count, certificate.Logits.Lipschitz, certificate.Logits.JacobianLipschitz, certificate.LossHessian, certificate.LossGradient, certificate.Obstacle,
            [.. certificate.Shares.OrderByDescending(share => share.Curvature).Take(LayersShown)],
            Quantiles.Of(radii, 0.5), Quantiles.Of(radii, 1), samples.Count(sample => sample.CurvatureRadius > sample.LipschitzRadius), CertifiedAccuracy.Curve(samples, plan.Epsilons));
    }
}
