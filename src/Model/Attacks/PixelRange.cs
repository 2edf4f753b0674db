using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Attacks;

/// <summary>The values that a pixel of an image may take.</summary>
/// <param name="Least">Of all pixels.</param>
/// <param name="Most">Of all pixels.</param>
public readonly record struct PixelRange(double Least, double Most)
{
    /// <summary>[0, 1], as RobustBench has it.</summary>
    public static PixelRange Unit { get; } = new(0, 1);

    /// <summary>Any value: the authors' attacks do not clip.</summary>
    public static PixelRange Any { get; } = new(double.NegativeInfinity, double.PositiveInfinity);

    /// <summary>Whether there are bounds.</summary>
    public bool IsBounded => double.IsFinite(Least) && double.IsFinite(Most);

    internal Tensor Clip(Tensor x) => IsBounded ? x.AtLeast(Least).AtMost(Most) : x;

    internal float Clip(float value) => IsBounded ? Math.Clamp(value, (float)Least, (float)Most) : value;
}
