using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Model.Curvature;
using Lcnn.Distributed.Model.Robustness;
using Lcnn.Distributed.Model.Stability;

namespace Lcnn.Distributed.Grains.Robustness;

/// <summary>Says how steady gradients are under noise.</summary>
internal static class NoiseSummary
{
    public static NoiseFigures Of(RobustnessPlan plan, RobustnessResults results, IReadOnlyList<SampleCurvature> curvature) => new(
        plan.NoisySamples, plan.Draws, plan.Seed,
        [.. plan.NoiseNorms.Select((norm, number) => At(norm, results.Noise[number], results, curvature))]);

    private static SteadinessAt At(double norm, IReadOnlyList<SampleStability> samples, RobustnessResults results, IReadOnlyList<SampleCurvature> curvature)
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
