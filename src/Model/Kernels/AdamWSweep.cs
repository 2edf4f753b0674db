using System.Numerics;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Lcnn.Distributed.Model.Kernels;

/// <summary>A step of AdamW in one sweep over a weight, its two means and its gradient, which is left as it is.</summary>
internal static class AdamWSweep
{
    /// <summary>g = scale g; m += (1 - beta1)(g - m); v = beta2 v + (1 - beta2) g g; w = kept w - rate m / (sqrt(v) / rootScale + epsilon).</summary>
    public readonly record struct Factors(double Kept, double Beta1, double Beta2, double Rate, double RootScale, double Epsilon, double GradientScale = 1);

    /// <summary>The step; for tensors that <see cref="WeightSweeps.Take"/> takes.</summary>
    public static void Update(Tensor value, Tensor mean, Tensor square, Tensor gradient, Factors factors)
    {
        if (WeightSweeps.IsDouble(value))
        {
            Update<double>(value, mean, square, gradient, factors);
        }
        else
        {
            Update<float>(value, mean, square, gradient, factors);
        }
    }

    private static void Update<T>(Tensor value, Tensor mean, Tensor square, Tensor gradient, Factors factors)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var w = WeightSweeps.Numbers<T>(value);
        var m = WeightSweeps.Numbers<T>(mean);
        var v = WeightSweeps.Numbers<T>(square);
        var g = WeightSweeps.Numbers<T>(gradient);
        var of = Of<T>(factors);
        var scaled = new T[Math.Min(WeightSweeps.Length, w.Length)];
        var scratch = new T[scaled.Length];
        for (var start = 0; start < w.Length; start += WeightSweeps.Length)
        {
            var count = Math.Min(WeightSweeps.Length, w.Length - start);
            var gradients = scaled.AsSpan(0, count);
            TensorPrimitives.Multiply(g.Slice(start, count), of.Scale, gradients);
            Update(w.Slice(start, count), m.Slice(start, count), v.Slice(start, count), gradients, scratch.AsSpan(0, count), of);
        }
    }

    private static void Update<T>(Span<T> w, Span<T> m, Span<T> v, Span<T> g, Span<T> scratch, Constants<T> of)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        TensorPrimitives.Subtract<T>(g, m, scratch);
        TensorPrimitives.MultiplyAdd(scratch, of.OfGradient, m, m);

        TensorPrimitives.Multiply<T>(g, g, scratch);
        TensorPrimitives.Multiply(scratch, of.OfSquare, scratch);
        TensorPrimitives.MultiplyAdd(v, of.Beta2, scratch, v);

        TensorPrimitives.Sqrt<T>(v, scratch);
        TensorPrimitives.Divide(scratch, of.RootScale, scratch);
        TensorPrimitives.Add(scratch, of.Epsilon, scratch);
        TensorPrimitives.Divide<T>(m, scratch, scratch);

        TensorPrimitives.Multiply(w, of.Kept, w);
        TensorPrimitives.MultiplyAdd(scratch, of.MinusRate, w, w);
    }

    // 1 - beta in double first, as torch does.
    private static Constants<T> Of<T>(Factors factors)
        where T : unmanaged, INumber<T> => new(
        T.CreateTruncating(factors.GradientScale), T.CreateTruncating(1 - factors.Beta1), T.CreateTruncating(factors.Beta2), T.CreateTruncating(1 - factors.Beta2),
        T.CreateTruncating(factors.RootScale), T.CreateTruncating(factors.Epsilon), T.CreateTruncating(factors.Kept), T.CreateTruncating(-factors.Rate));

    private readonly record struct Constants<T>(T Scale, T OfGradient, T Beta2, T OfSquare, T RootScale, T Epsilon, T Kept, T MinusRate);
}
