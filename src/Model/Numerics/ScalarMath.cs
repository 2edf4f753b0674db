using System.Runtime.CompilerServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Numerics;

/// <summary>Sums of tensors and operations with a number, safe from the garbage collector: for operations of a program's own, too.</summary>
/// <remarks>
/// TorchSharp 0.107 passes libtorch the handle of a temporary Scalar without keeping the Scalar alive, so its finalizer can free it
/// under the running kernel, and under its own ToDouble and the like: "Expected false to be true" once in some thousand steps. It does
/// so by itself too, in a sum of two tensors (a factor 1) and in square(). Here each Scalar lives until the call is over; nothing in
/// this project relies on the implicit conversion or calls what does.
/// </remarks>
public static class ScalarMath
{
    private static readonly Scalar _one = 1.ToScalar();

    public static Tensor Plus(this Tensor t, double value)
    {
        using var scalar = value.ToScalar();
        return t.add(scalar, _one);
    }

    public static Tensor Plus(this Tensor t, Tensor other) => t.add(other, _one);

    public static Tensor PlusInPlace(this Tensor t, Tensor other) => t.add_(other, _one);

    public static Tensor PlusScaled(this Tensor t, Tensor other, double factor)
    {
        using var scalar = factor.ToScalar();
        return t.add(other, scalar);
    }

    public static Tensor PlusScaledInPlace(this Tensor t, Tensor other, double factor)
    {
        using var scalar = factor.ToScalar();
        return t.add_(other, scalar);
    }

    /// <summary>t + factor left right, in t's memory.</summary>
    public static Tensor PlusProductInPlace(this Tensor t, Tensor left, Tensor right, double factor = 1)
    {
        using var scalar = factor.ToScalar();
        return t.addcmul_(left, right, scalar);
    }

    /// <summary>t + factor left right.</summary>
    public static Tensor PlusProduct(this Tensor t, Tensor left, Tensor right, double factor)
    {
        using var scalar = factor.ToScalar();
        return t.addcmul(left, right, scalar);
    }

    public static Tensor MinusInPlace(this Tensor t, double value)
    {
        using var scalar = value.ToScalar();
        return t.sub_(scalar);
    }

    public static Tensor Times(this Tensor t, double factor)
    {
        using var scalar = factor.ToScalar();
        return t.mul(scalar);
    }

    public static Tensor TimesInPlace(this Tensor t, double factor)
    {
        using var scalar = factor.ToScalar();
        return t.mul_(scalar);
    }

    public static Tensor DividedBy(this Tensor t, double divisor)
    {
        using var scalar = divisor.ToScalar();
        return t.div(scalar);
    }

    public static Tensor AtLeast(this Tensor t, double minimum)
    {
        using var scalar = minimum.ToScalar();
        return t.clamp_min(scalar);
    }

    public static Tensor AtMost(this Tensor t, double maximum)
    {
        using var scalar = maximum.ToScalar();
        return t.clamp_max(scalar);
    }

    public static Tensor IsBelow(this Tensor t, double bound)
    {
        using var scalar = bound.ToScalar();
        return t.lt(scalar);
    }

    public static Tensor IsAtLeast(this Tensor t, double bound)
    {
        using var scalar = bound.ToScalar();
        return t.ge(scalar);
    }

    public static Tensor IsAbove(this Tensor t, double bound)
    {
        using var scalar = bound.ToScalar();
        return t.gt(scalar);
    }

    /// <summary>The elements above a threshold, and a value in the place of the others.</summary>
    public static Tensor Threshold(this Tensor t, double threshold, double value)
    {
        using var thresholdScalar = threshold.ToScalar();
        using var valueScalar = value.ToScalar();
        return t.threshold(thresholdScalar, valueScalar);
    }

    public static Tensor Softplus(this Tensor t, double beta, double threshold)
    {
        using var betaScalar = beta.ToScalar();
        using var thresholdScalar = threshold.ToScalar();
        return Softplus(t, betaScalar, thresholdScalar);
    }

    // The public overload makes its own temporary Scalars.
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "softplus1")]
    private static extern Tensor Softplus(Tensor t, Scalar beta, Scalar threshold);
}
