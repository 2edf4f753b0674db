using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Model.Certificates;
using Lcnn.Distributed.Model.Robustness;

namespace Lcnn.Distributed.Grains.Robustness;

/// <summary>Says what is certain of a network and of samples.</summary>
internal static class CertificateSummary
{
    private const int LayersShown = 5;
    private const string Scope = "the network in evaluation with exact softplus in real arithmetic, its float32 weights taken as exact; not float32 inference";

    public static CertificateFigures Of(RobustnessPlan plan, NetworkCertificate certificate, IReadOnlyList<SampleCertificate> samples)
    {
        var radii = samples.Select(sample => sample.Radius).Order().ToList();
        return new CertificateFigures(
            Scope, samples.Count, certificate.Logits.Lipschitz, certificate.Logits.JacobianLipschitz, certificate.LossHessian, certificate.LossGradient, certificate.Obstacle,
            [.. certificate.Shares.OrderByDescending(share => share.Curvature).Take(LayersShown).Select(ShareOf)],
            Quantiles.Of(radii, 0.5), Quantiles.Of(radii, 1), samples.Count(sample => sample.CurvatureRadius > sample.LipschitzRadius), Curve(samples, plan.Epsilons));
    }

    /// <summary>For readers.</summary>
    public static LayerShare ShareOf(ActivationShare share) =>
        new(share.Path, share.Beta, share.Lipschitz, share.LargestChange, share.GainAfter, share.Curvature, share.Share);

    /// <summary>The certified accuracy over some distances; NaN without samples.</summary>
    public static IReadOnlyList<CertifiedAccuracy> Curve(IReadOnlyCollection<SampleCertificate> samples, IEnumerable<double> epsilons) => [.. epsilons.Select(epsilon =>
        new CertifiedAccuracy(epsilon, samples.Count == 0 ? double.NaN : (double)samples.Count(sample => sample.IsCorrect && sample.Radius >= epsilon) / samples.Count))];
}
