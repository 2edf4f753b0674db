using System.Numerics;
using System.Runtime.InteropServices;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Lcnn.Distributed.Model.Kernels;

/// <summary>What owners do to every number of a weight and its gradient, on the processor: each is read once for all that is done to it while it is in the first cache.</summary>
internal static class WeightSweeps
{
    private const int Length = 4096; // of four pieces in the first cache

    /// <summary>Whether the tensors are such: dense, in the same order, of the same floating-point type, on the processor.</summary>
    public static bool Take(Tensor first, params ReadOnlySpan<Tensor> others)
    {
        if (first.device_type != TorchSharp.DeviceType.CPU || first.dtype is not (ScalarType.Float32 or ScalarType.Float64))
        {
            return false;
        }

        using var ordered = TensorLayout.InMemoryOrder(first);
        var isTaken = ordered is not null;
        foreach (var other in others)
        {
            using var otherOrdered = TensorLayout.InMemoryOrder(other);
            isTaken = isTaken && other.device_type == first.device_type && other.dtype == first.dtype && otherOrdered?.shape.SequenceEqual(ordered!.shape) == true;
        }

        return isTaken;
    }

    /// <summary>Whether no number is NaN or infinite.</summary>
    public static bool IsFinite(Tensor t) => IsDouble(t) ? IsFinite<double>(t) : IsFinite<float>(t);

    /// <summary>The product t'other of before, and t /= divisor.</summary>
    public static double DotAndDivide(Tensor t, Tensor other, double divisor) =>
        IsDouble(t) ? DotAndDivide<double>(t, other, divisor) : DotAndDivide<float>(t, other, divisor);

    /// <summary>SGD with momentum and weight decay as torch.optim.SGD's: g += decay w; m = factor m + g; w -= rate m.</summary>
    public static void Update(Tensor value, Tensor momentum, Tensor gradient, double decay, double factor, double rate)
    {
        if (IsDouble(value))
        {
            Update<double>(value, momentum, gradient, decay, factor, rate);
        }
        else
        {
            Update<float>(value, momentum, gradient, decay, factor, rate);
        }
    }

    private static bool IsDouble(Tensor t) => t.dtype == ScalarType.Float64;

    // Then all differences from itself are 0.
    private static bool IsFinite<T>(Tensor t)
        where T : unmanaged, INumber<T>
    {
        var numbers = Numbers<T>(t);
        var differences = new T[Math.Min(Length, numbers.Length)];
        for (var start = 0; start < numbers.Length; start += Length)
        {
            var piece = numbers[start..Math.Min(start + Length, numbers.Length)];
            TensorPrimitives.Subtract(piece, piece, differences);
            if (TensorPrimitives.Sum<T>(differences.AsSpan(0, piece.Length)) != T.Zero)
            {
                return false;
            }
        }

        return true;
    }

    // One sum for every place of a piece: how the pieces lie in memory changes no bit.
    private static double DotAndDivide<T>(Tensor t, Tensor other, double divisor)
        where T : unmanaged, INumber<T>
    {
        var numbers = Numbers<T>(t);
        var others = Numbers<T>(other);
        var divisorOfT = T.CreateTruncating(divisor);
        var sums = new LineSums<T>(1, 1, Length);
        for (var start = 0; start < numbers.Length; start += Length)
        {
            var piece = numbers[start..Math.Min(start + Length, numbers.Length)];
            var places = sums[0][..piece.Length];
            TensorPrimitives.MultiplyAdd(piece, others.Slice(start, piece.Length), places, places);
            TensorPrimitives.Divide(piece, divisorOfT, piece);
            sums.EndLine();
        }

        return sums.Totals()[0];
    }

    private static void Update<T>(Tensor value, Tensor momentum, Tensor gradient, double decay, double factor, double rate)
        where T : unmanaged, INumber<T>
    {
        var w = Numbers<T>(value);
        var m = Numbers<T>(momentum);
        var g = Numbers<T>(gradient);
        var (decayOfT, factorOfT, rateOfT) = (T.CreateTruncating(decay), T.CreateTruncating(factor), T.CreateTruncating(-rate));
        Span<T> decayed = decay == 0 ? [] : new T[Math.Min(Length, w.Length)];
        for (var start = 0; start < w.Length; start += Length)
        {
            var count = Math.Min(Length, w.Length - start);
            var values = w.Slice(start, count);
            var momenta = m.Slice(start, count);
            var gradients = g.Slice(start, count);
            if (decay != 0)
            {
                TensorPrimitives.MultiplyAdd(values, decayOfT, gradients, decayed);
                gradients = decayed[..count];
            }

            TensorPrimitives.MultiplyAdd(momenta, factorOfT, gradients, momenta);
            TensorPrimitives.MultiplyAdd(momenta, rateOfT, values, values);
        }
    }

    // The memory is the tensor's, who must outlive the span.
    private static Span<T> Numbers<T>(Tensor t)
        where T : unmanaged
    {
        using var ordered = TensorLayout.InMemoryOrder(t)!;
        return MemoryMarshal.Cast<byte, T>(ordered.bytes);
    }
}
