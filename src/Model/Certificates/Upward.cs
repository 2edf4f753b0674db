namespace Lcnn.Distributed.Model.Certificates;

/// <summary>Arithmetic whose results are never below the exact ones: an operation rounds to nearest, the next number up is not below. For numbers from 0 to infinity.</summary>
internal static class Upward
{
    /// <summary>The unit roundoff of float64.</summary>
    public const double Roundoff = 1.0 / (1L << 53);

    public static double Plus(double a, double b) => Math.BitIncrement(a + b);

    /// <summary>The product; nothing times whatever is nothing, infinity included: a factor 0 leaves a value out.</summary>
    public static double Times(double a, double b) => a == 0 || b == 0 ? 0 : Math.BitIncrement(a * b);

    public static double Root(double a) => a == 0 ? 0 : Math.BitIncrement(Math.Sqrt(a));

    public static double Reciprocal(double a) => Math.BitIncrement(1 / a);

    /// <summary>A sum of so many terms that was rounded in any order.</summary>
    public static double Sum(double rounded, long terms) => rounded == 0 ? 0 : Math.BitIncrement(rounded * (1 + (2 * (terms + 2) * Roundoff)));
}
