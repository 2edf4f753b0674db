namespace Lcnn.Distributed.Model.Curvature;

/// <summary>Means over samples; NaN where none was measured.</summary>
/// <param name="Mean">Mean of each member of <see cref="SampleCurvature"/>.</param>
/// <param name="Samples">How many were measured.</param>
public sealed record MeanCurvature(SampleCurvature Mean, int Samples)
{
    /// <summary>The means of some samples.</summary>
    public static MeanCurvature Of(IReadOnlyCollection<SampleCurvature> samples)
    {
        return new(
            new(Over(s => s.Curvature), Over(s => s.HessianNorm), Over(s => s.GradientNorm), Over(s => s.RayleighHessianNorm), Over(s => s.RayleighCurvature)),
            samples.Count);

        double Over(Func<SampleCurvature, double> value) => samples.Count == 0 ? double.NaN : samples.Average(value);
    }
}
