using Lcnn.Distributed.Model.Curvature;
using Lcnn.Distributed.Model.Stability;

namespace Lcnn.Distributed.Model.Robustness;

/// <summary>How steady the gradients of the first test samples are under noise.</summary>
/// <param name="Samples">How many.</param>
/// <param name="Draws">Of noise for each.</param>
/// <param name="Seed">Of the noise.</param>
/// <param name="At">For each norm of the noise.</param>
public sealed record NoiseFigures(int Samples, int Draws, long Seed, IReadOnlyList<SteadinessAt> At)
{
    internal static NoiseFigures Of(RobustnessPlan plan, RobustnessResults results, IReadOnlyList<SampleCurvature> curvature) => new(
        plan.NoisySamples, plan.Draws, plan.Seed,
        [.. plan.NoiseNorms.Select((norm, number) => SteadinessAt.From(norm, results.Noise[number], results, curvature))]);
}

/// <summary>How steady gradients are under noise of a norm; means over the samples whose gradient is not nothing.</summary>
/// <param name="NoiseNorm">l2, in units of what the network is given.</param>
/// <param name="RelativeChange">Mean of ||g(x + e) - g(x)|| / ||g(x)||, the relative gradient robustness.</param>
/// <param name="MedianChange">Its median.</param>
/// <param name="NinthDecile">What nine of ten samples do not exceed.</param>
/// <param name="Cosine">Of the two gradients.</param>
/// <param name="TopOverlap">Share of the tenth of the pixels with the largest gradients that stays.</param>
/// <param name="MaxSensitivity">Largest relative change under noise in the cube of half side 0.02.</param>
/// <param name="CertifiedChange">Mean of what no relative change exceeds, M ||e|| / ||g(x)|| with the certified bound M on the loss' Hessian; NaN where radii are not certified.</param>
/// <param name="CurvatureEstimate">Mean of exp(C(x) ||e||) - 1 with the curvature C measured at x (paper, proposition 1): no bound, as that curvature is a lower estimate and holds at x alone; NaN where it is not measured.</param>
public sealed record SteadinessAt(
    double NoiseNorm, double RelativeChange, double MedianChange, double NinthDecile, double Cosine, double TopOverlap, double MaxSensitivity,
    double CertifiedChange, double CurvatureEstimate)
{
    internal static SteadinessAt From(double norm, IReadOnlyList<SampleStability> samples, RobustnessResults results, IReadOnlyList<SampleCurvature> curvature)
    {
        var changes = samples.Select(sample => sample.RelativeChange).Where(double.IsFinite).Order().ToList();
        return new SteadinessAt(
            norm, Mean(changes), Quantiles.Of(changes, 0.5), Quantiles.Of(changes, 0.9),
            Mean(samples.Select(sample => sample.Cosine)), Mean(samples.Select(sample => sample.TopOverlap)), Mean(samples.Select(sample => sample.MaxSensitivity)),
            results.Certificates.Count == 0 ? double.NaN : results.Certificates.Take(samples.Count).Average(sample => sample.CurvatureBound * norm),
            curvature.Count == 0 ? double.NaN : curvature.Take(samples.Count).Average(sample => GradientRobustness.Bound(sample.Curvature, norm)));
    }

    private static double Mean(IEnumerable<double> values) => values.Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average();
}
