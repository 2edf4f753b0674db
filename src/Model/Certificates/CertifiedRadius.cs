namespace Lcnn.Distributed.Model.Certificates;

/// <summary>How far an image may move, in l2, before a margin f > 0 between its class and another can be used up.</summary>
/// <remarks>
/// Along any way of length r a margin falls by at most g r + M r^2 / 2 (Singla and Feizi 2020), and by at most L r. Radii are rounded down.
/// </remarks>
public static class CertifiedRadius
{
    // A radius takes some ten operations.
    private const double Down = 1 - (64 * Upward.Roundoff);

    /// <summary>From the bound on curvature: 2 f / (g + sqrt(g^2 + 2 M f)); 0 where M is infinite.</summary>
    /// <param name="margin">f.</param>
    /// <param name="gradientNorm">g, the norm of its gradient at the image.</param>
    /// <param name="hessian">M, a bound on its Hessian everywhere.</param>
    public static double OfCurvature(double margin, double gradientNorm, double hessian) =>
        margin > 0 ? Finite(2 * margin / (gradientNorm + Math.Sqrt((gradientNorm * gradientNorm) + (2 * hessian * margin))) * Down) : 0;

    /// <summary>From the Lipschitz bound: f / L.</summary>
    public static double OfLipschitz(double margin, double lipschitz) => margin > 0 ? Finite(margin / lipschitz * Down) : 0;

    /// <summary>A distance within which an adversarial point is certain, (g - sqrt(g^2 - 2 M f)) / M where g^2 >= 2 M f; infinite where none is. Images that no picture has count.</summary>
    public static double OfCertainAttack(double margin, double gradientNorm, double hessian)
    {
        var discriminant = (gradientNorm * gradientNorm) - (2 * hessian * margin);
        return margin <= 0 ? 0
            : gradientNorm > 0 && discriminant >= 0 ? 2 * margin / (gradientNorm + Math.Sqrt(discriminant)) / Down
            : double.PositiveInfinity;
    }

    // Margin and slopes all 0, or a map without any slope: 0 / 0 certifies nothing, f / 0 everything.
    private static double Finite(double radius) => double.IsNaN(radius) ? 0 : radius;
}
