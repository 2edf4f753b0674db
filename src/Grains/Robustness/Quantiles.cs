namespace Lcnn.Distributed.Grains.Robustness;

/// <summary>Quantiles of samples, without interpolation: each is a sample's own value.</summary>
internal static class Quantiles
{
    /// <summary>The smallest value that so many are at most; NaN of nothing.</summary>
    /// <param name="sorted">Ascending.</param>
    /// <param name="share">0..1.</param>
    public static double Of(IReadOnlyList<double> sorted, double share) =>
        sorted.Count == 0 ? double.NaN : sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Count) - 1, 0, sorted.Count - 1)];
}
