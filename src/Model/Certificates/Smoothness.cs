namespace Lcnn.Distributed.Model.Certificates;

/// <summary>Three upper bounds on a map from images, over all images.</summary>
/// <remarks>Rules of Entesari et al. 2024 (arXiv 2406.05119); every operation rounds up.</remarks>
/// <param name="Lipschitz">L: ||f(x) - f(y)||_2 &lt;= L ||x - y||_2.</param>
/// <param name="LargestChange">l: ||f(x) - f(y)||_infinity &lt;= l ||x - y||_2.</param>
/// <param name="JacobianLipschitz">M: ||J(x) - J(y)|| &lt;= M ||x - y||_2, which bounds the Hessian of every output; infinite where there is no Jacobian everywhere.</param>
public readonly record struct Smoothness(double Lipschitz, double LargestChange, double JacobianLipschitz)
{
    /// <summary>Of the images themselves.</summary>
    internal static Smoothness Images { get; } = new(1, 1, 0);

    /// <summary>Of nothing: what sums begin with.</summary>
    internal static Smoothness Nothing { get; }

    /// <summary>After an affine map: a change of one output is bounded by its row and by all changes together.</summary>
    internal Smoothness Through(AffineGain gain)
    {
        var lipschitz = Upward.Times(gain.Norm, Lipschitz);
        var largest = Math.Min(Upward.Times(gain.RowNorm, Lipschitz), Upward.Times(gain.RowSum, LargestChange));
        return new Smoothness(lipschitz, Math.Min(lipschitz, largest), Upward.Times(gain.Norm, JacobianLipschitz));
    }

    /// <summary>What a softplus with a sharpness adds to M: its slope is in (0, 1) and changes by at most beta / 4 a unit.</summary>
    internal double CurvatureOfSoftplus(double beta) => Upward.Times(Upward.Times(beta / 4, Lipschitz), LargestChange);

    /// <summary>After such a softplus.</summary>
    internal Smoothness ThroughSoftplus(double beta) => this with { JacobianLipschitz = Upward.Plus(JacobianLipschitz, CurvatureOfSoftplus(beta)) };

    /// <summary>After the largest of windows, of which so many hold the same number: no Jacobian where two are equal.</summary>
    internal Smoothness ThroughMaximum(double windows) => new(Upward.Times(Upward.Root(windows), Lipschitz), LargestChange, double.PositiveInfinity);

    /// <summary>After a piecewise linear activation with slopes 0 to 1.</summary>
    internal Smoothness ThroughKink() => this with { JacobianLipschitz = double.PositiveInfinity };

    /// <summary>The sum of this and of another times a number.</summary>
    internal Smoothness Plus(Smoothness other, double factor)
    {
        var size = Math.Abs(factor);
        var lipschitz = Upward.Plus(Lipschitz, Upward.Times(size, other.Lipschitz));
        return new Smoothness(
            lipschitz,
            Math.Min(lipschitz, Upward.Plus(LargestChange, Upward.Times(size, other.LargestChange))),
            Upward.Plus(JacobianLipschitz, Upward.Times(size, other.JacobianLipschitz)));
    }

    /// <summary>Times a number from 0 on.</summary>
    internal Smoothness Times(double factor) =>
        new(Upward.Times(factor, Lipschitz), Upward.Times(factor, LargestChange), Upward.Times(factor, JacobianLipschitz));
}
