namespace Lcnn.Distributed.Model.Certificates;

/// <summary>The share of images that are classified rightly within a distance for certain.</summary>
/// <param name="Epsilon">l2 distance, in the units of what the network is given.</param>
/// <param name="Accuracy">0..1.</param>
public readonly record struct CertifiedAccuracy(double Epsilon, double Accuracy)
{
    /// <summary>The curve over some distances; NaN without samples.</summary>
    public static IReadOnlyList<CertifiedAccuracy> Curve(IReadOnlyCollection<SampleCertificate> samples, IEnumerable<double> epsilons) => [.. epsilons.Select(epsilon =>
        new CertifiedAccuracy(epsilon, samples.Count == 0 ? double.NaN : (double)samples.Count(sample => sample.IsCorrect && sample.Radius >= epsilon) / samples.Count))];
}
