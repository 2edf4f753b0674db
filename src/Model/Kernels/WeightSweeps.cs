using System.Numerics;
using System.Runtime.InteropServices;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Lcnn.Distributed.Model.Kernels;

/// <summary>What owners do to every number of a weight and its gradient, on the processor: each is read once for all that is done to it while it is in the first cache.</summary>
internal static class WeightSweeps
{
    /// <summary>Numbers of a piece.</summary>
    public const int Length = 4096; // of four pieces in the first cache

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

    /// <summary>average += share (value - average).</summary>
    public static void Blend(Tensor average, Tensor value, double share)
    {
        if (IsDouble(average))
        {
            Blend<double>(average, value, share);
        }
        else
        {
            Blend<float>(average, value, share);
        }
    }

    /// <summary>The sum of squares in double precision.</summary>
    public static double SumOfSquares(Tensor t) => IsDouble(t) ? SumOfSquares<double>(t) : SumOfSquares<float>(t);

    public static bool IsDouble(Tensor t) => t.dtype == ScalarType.Float64;

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

    private static void Blend<T>(Tensor average, Tensor value, double share)
        where T : unmanaged, INumber<T>
    {
        var averages = Numbers<T>(average);
        var values = Numbers<T>(value);
        var shareOfT = T.CreateTruncating(share);
        var differences = new T[Math.Min(Length, averages.Length)];
        for (var start = 0; start < averages.Length; start += Length)
        {
            var piece = averages[start..Math.Min(start + Length, averages.Length)];
            TensorPrimitives.Subtract(values.Slice(start, piece.Length), piece, differences);
            TensorPrimitives.MultiplyAdd(differences.AsSpan(0, piece.Length), shareOfT, piece, piece);
        }
    }

    // As in DotAndDivide, but with every square exact.
    private static double SumOfSquares<T>(Tensor t)
        where T : unmanaged, INumber<T>
    {
        var numbers = Numbers<T>(t);
        var doubles = new double[Math.Min(Length, numbers.Length)];
        var places = new double[doubles.Length];
        for (var start = 0; start < numbers.Length; start += Length)
        {
            var piece = numbers[start..Math.Min(start + Length, numbers.Length)];
            var wide = doubles.AsSpan(0, piece.Length);
            var sums = places.AsSpan(0, piece.Length);
            TensorPrimitives.ConvertTruncating<T, double>(piece, wide);
            TensorPrimitives.MultiplyAdd(wide, wide, sums, sums);
        }

        var total = 0.0;
        foreach (var sum in places)
        {
            total += sum;
        }

        return total;
    }

    /// <summary>The numbers in their order of memory, which is the tensor's, who must outlive the span.</summary>
    public static Span<T> Numbers<T>(Tensor t)
        where T : unmanaged
    {
        using var ordered = TensorLayout.InMemoryOrder(t)!;
        return MemoryMarshal.Cast<byte, T>(ordered.bytes);
    }
}
