using System.Numerics;
using System.Runtime.InteropServices;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Lcnn.Distributed.Model.Kernels;

/// <summary>SGD with momentum and weight decay as torch.optim.SGD's, on the processor: each number is read once while it is in the first cache.</summary>
internal static class MomentumSweep
{
    private const int Length = 4096; // of three pieces in the first cache

    /// <summary>Whether the tensors are such: dense, on the processor.</summary>
    public static bool Takes(Tensor value, Tensor gradient) =>
        value.device_type == TorchSharp.DeviceType.CPU && value.is_contiguous() && gradient.is_contiguous() && value.dtype == gradient.dtype;

    /// <summary>g += decay w; m = momentum m + g; w -= rate m; any shape, each in its own memory.</summary>
    public static void Update(Tensor value, Tensor momentum, Tensor gradient, double decay, double factor, double rate)
    {
        if (value.dtype == ScalarType.Float64)
        {
            Update<double>(value, momentum, gradient, decay, factor, rate);
        }
        else
        {
            Update<float>(value, momentum, gradient, decay, factor, rate);
        }
    }

    private static void Update<T>(Tensor value, Tensor momentum, Tensor gradient, double decay, double factor, double rate)
        where T : unmanaged, INumber<T>
    {
        using var detached = value.detach();
        var w = Numbers<T>(detached);
        var m = Numbers<T>(momentum);
        var g = Numbers<T>(gradient);
        var (decayOfT, factorOfT, rateOfT) = (T.CreateTruncating(decay), T.CreateTruncating(factor), T.CreateTruncating(-rate));
        for (var start = 0; start < w.Length; start += Length)
        {
            var count = Math.Min(Length, w.Length - start);
            var values = w.Slice(start, count);
            var momenta = m.Slice(start, count);
            var gradients = g.Slice(start, count);
            if (decay != 0)
            {
                TensorPrimitives.MultiplyAdd(values, decayOfT, gradients, gradients);
            }

            TensorPrimitives.MultiplyAdd(momenta, factorOfT, gradients, momenta);
            TensorPrimitives.MultiplyAdd(momenta, rateOfT, values, values);
        }
    }

    private static Span<T> Numbers<T>(Tensor t)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(t.bytes);
}
