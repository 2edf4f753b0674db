using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Numerics;

/// <summary>The floating-point format of a network.</summary>
public enum Precision
{
    /// <summary>32 bits: what runs are made in.</summary>
    Full,

    /// <summary>64 bits: for checks against exact arithmetic.</summary>
    Extended,
}

internal static class PrecisionExtensions
{
    public static ScalarType ToScalarType(this Precision precision) =>
        precision == Precision.Extended ? ScalarType.Float64 : ScalarType.Float32;
}
