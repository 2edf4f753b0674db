using TorchSharp;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Numerics;

/// <summary>The one gate through which numbers come from a device to the host: on a GPU each waits for everything before it, so they are counted.</summary>
/// <remarks>On libtorch's meta device, where code is tried without a GPU, there are no numbers: 0 and true are read.</remarks>
internal static class HostRead
{
    [ThreadStatic]
    private static long _count;

    /// <summary>Reads that the calling thread made so far.</summary>
    public static long CountOfThread => _count;

    /// <summary>The value of a tensor of one element.</summary>
    public static double ReadDouble(this Tensor t) => Read(t, scalar => scalar.ToDouble(), 0);

    /// <summary>The value of a tensor of one element.</summary>
    public static long ReadInt64(this Tensor t) => Read(t, scalar => scalar.ToInt64(), 0);

    /// <summary>The value of a tensor of one element.</summary>
    public static bool ReadBoolean(this Tensor t) => Read(t, scalar => scalar.ToBoolean(), true);

    /// <summary>All values of a tensor, in row-major order.</summary>
    public static double[] ReadDoubles(this Tensor t)
    {
        _count++;
        if (HasNoNumbers(t))
        {
            return new double[t.numel()];
        }

        using var doubles = t.to(ScalarType.Float64, CPU);
        return doubles.data<double>().ToArray();
    }

    private static T Read<T>(Tensor t, Func<Scalar, T> read, T nothing)
    {
        _count++;
        if (HasNoNumbers(t))
        {
            return nothing;
        }

        using var scalar = t.ToScalar();
        return read(scalar);
    }

    private static bool HasNoNumbers(Tensor t) => t.device_type == DeviceType.META;
}
