namespace Lcnn.Distributed.Model.Stability;

/// <summary>What curvature says of a gradient under noise (paper, proposition 1).</summary>
public static class GradientRobustness
{
    /// <summary>exp(d ||e||) - 1: no relative change of the gradient exceeds it, as long as the curvature ||H|| / ||g|| is at most d all the way from x to x + e.</summary>
    /// <param name="curvature">d; one measured at x alone bounds nothing.</param>
    /// <param name="noiseNorm">||e||, l2.</param>
    public static double Bound(double curvature, double noiseNorm) => Math.Exp(curvature * noiseNorm) - 1;
}
