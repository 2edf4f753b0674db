namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>The standard normal distribution.</summary>
internal static class Normal
{
    private const double RootTwo = 1.4142135623730951;

    public static double Density(double x) => Math.Exp(-0.5 * x * x) / Math.Sqrt(2 * Math.PI);

    /// <summary>Probability between two points, accurate in both tails.</summary>
    public static double Mass(double from, double to) => from > 0
        ? 0.5 * (Erfc(from / RootTwo) - Erfc(to / RootTwo))
        : 0.5 * (Erfc(-to / RootTwo) - Erfc(-from / RootTwo));

    /// <summary>Complementary error function; relative error below 1.2e-7 (Numerical Recipes, 6.2).</summary>
    public static double Erfc(double x)
    {
        var t = 1 / (1 + (0.5 * Math.Abs(x)));
        ReadOnlySpan<double> coefficients =
            [-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277];
        var polynomial = 0.0;
        for (var i = coefficients.Length - 1; i >= 0; i--)
        {
            polynomial = (polynomial * t) + coefficients[i];
        }

        var tail = t * Math.Exp((-x * x) + polynomial);
        return x >= 0 ? tail : 2 - tail;
    }
}
