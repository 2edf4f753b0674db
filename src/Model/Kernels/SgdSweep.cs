using System.Numerics;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Lcnn.Distributed.Model.Kernels;

/// <summary>A step of SGD in one sweep over a weight, its momentum and its gradient, which is left as it is.</summary>
internal static class SgdSweep
{
    /// <summary>g = scale g + decay w; m = momentum m + g; w -= rate m, or with Nesterov rate (g + momentum m).</summary>
    public readonly record struct Factors(double Decay, double Momentum, double Rate, double GradientScale = 1, bool IsNesterov = false);

    /// <summary>The step; for tensors that <see cref="WeightSweeps.Take"/> takes.</summary>
    public static void Update(Tensor value, Tensor momentum, Tensor gradient, Factors factors)
    {
        if (WeightSweeps.IsDouble(value))
        {
            Update<double>(value, momentum, gradient, factors);
        }
        else
        {
            Update<float>(value, momentum, gradient, factors);
        }
    }

    private static void Update<T>(Tensor value, Tensor momentum, Tensor gradient, Factors factors)
        where T : unmanaged, INumber<T>
    {
        var w = WeightSweeps.Numbers<T>(value);
        var m = WeightSweeps.Numbers<T>(momentum);
        var g = WeightSweeps.Numbers<T>(gradient);
        var (decay, factor, rate) = (T.CreateTruncating(factors.Decay), T.CreateTruncating(factors.Momentum), T.CreateTruncating(-factors.Rate));
        var scale = T.CreateTruncating(factors.GradientScale);
        Span<T> changed = factors is { Decay: 0, GradientScale: 1, IsNesterov: false } ? [] : new T[Math.Min(WeightSweeps.Length, w.Length)];
        for (var start = 0; start < w.Length; start += WeightSweeps.Length)
        {
            var count = Math.Min(WeightSweeps.Length, w.Length - start);
            var values = w.Slice(start, count);
            var momenta = m.Slice(start, count);
            var gradients = g.Slice(start, count);
            if (factors.GradientScale != 1)
            {
                TensorPrimitives.Multiply(gradients, scale, changed);
                gradients = changed[..count];
            }

            if (factors.Decay != 0)
            {
                TensorPrimitives.MultiplyAdd(values, decay, gradients, changed);
                gradients = changed[..count];
            }

            TensorPrimitives.MultiplyAdd(momenta, factor, gradients, momenta);
            if (factors.IsNesterov)
            {
                TensorPrimitives.MultiplyAdd(momenta, factor, gradients, changed);
                momenta = changed[..count];
            }

            TensorPrimitives.MultiplyAdd(momenta, rate, values, values);
        }
    }
}
