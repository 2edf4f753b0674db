using TorchSharp;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Numerics;

/// <summary>The one gate through which numbers come from a device to the host: on a GPU each waits for everything before it.</summary>
internal static class HostRead
{
    /// <summary>The value of a tensor of one element.</summary>
    public static double ReadDouble(this Tensor t)
    {
        using var scalar = t.ToScalar();
        return scalar.ToDouble();
    }

    /// <summary>The value of a tensor of one element.</summary>
    public static long ReadInt64(this Tensor t)
    {
        using var scalar = t.ToScalar();
        return scalar.ToInt64();
    }

    /// <summary>The value of a tensor of one element.</summary>
    public static bool ReadBoolean(this Tensor t)
    {
        using var scalar = t.ToScalar();
        return scalar.ToBoolean();
    }

    /// <summary>All values of a tensor, in row-major order.</summary>
    public static double[] ReadDoubles(this Tensor t)
    {
        using var doubles = t.to(ScalarType.Float64, CPU);
        return doubles.data<double>().ToArray();
    }
}
