namespace Lcnn.Distributed.UnitTests.Golden;

/// <summary>The table of the golden README: |a - b| &lt;= absolute + share * max|b| + 1e-5 |b|, b being the stored value.</summary>
/// <remarks>
/// The reasons are the README's: float32 re-runs (in double, and without oneDNN) stay within 0.31 of every limit, while a wrong order
/// of operations, a missing 1e-3, a late running_var or one iteration too many shows at 1e-3 to 1e-1.
/// </remarks>
internal readonly record struct Tolerance(double Absolute, double ShareOfMaximum = 0)
{
    private const double Relative = 1e-5;

    /// <summary>y, dy/dlogbeta, d2y/dx2: cancellation at beta 0.01, large values at beta 1000.</summary>
    public static Tolerance SoftplusValue { get; } = new(2e-5);

    /// <summary>dy/dx, d2y/dxdlogbeta: values of order one.</summary>
    public static Tolerance SoftplusSlope { get; } = new(5e-6);

    /// <summary>u, v, sigma, W/sigma, its gradient: unit vectors and norms of order one.</summary>
    public static Tolerance SpectralNorm { get; } = new(1e-5);

    /// <summary>Outputs and buffers of blocks: values of order one.</summary>
    public static Tolerance BlockValue { get; } = new(1e-5);

    /// <summary>Entries up to 100 that sum over the batch; a bias before batch norm has true gradient 0 and stores noise.</summary>
    public static Tolerance BlockGradient { get; } = new(1e-4, 1e-5);

    /// <summary>Logits, losses, gradients and steps: values of order one after some layers.</summary>
    public static Tolerance Network { get; } = new(5e-6);

    /// <summary>Terms of 10 to 100 before their weights.</summary>
    public static Tolerance Term { get; } = new(1e-4);

    /// <summary>Gradient norms: relative, as fresh nets have 1e-4.</summary>
    public static Tolerance GradientNorm { get; } = new(0, 1e-5);

    /// <summary>Hessian norms and curvatures: second derivatives; ten iterations let rounding grow.</summary>
    public static Tolerance Hessian(int iterations) => new(0, iterations <= 1 ? 1e-4 : 5e-4);

    public double Limit(double expected, double maximum) => Absolute + (ShareOfMaximum * maximum) + (Relative * Math.Abs(expected));
}
