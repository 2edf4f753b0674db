using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Layers;

internal static class SpectralScale
{
    /// <summary>W / sigma without waiting for the device; W where sigma is below epsilon (conv_spectral_norm.py:81).</summary>
    public static Tensor Divide(Tensor weight, Tensor sigma, double epsilon)
    {
        using var scope = NewDisposeScope();
        return (weight / (sigma * sigma.IsAtLeast(epsilon)).Plus(sigma.IsBelow(epsilon))).MoveToOuterDisposeScope();
    }
}
