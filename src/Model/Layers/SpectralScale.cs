using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Layers;

internal static class SpectralScale
{
    /// <summary>What a weight is divided by, without waiting for the device: sigma, and 1 where that is below epsilon (conv_spectral_norm.py:81).</summary>
    public static Tensor Divisor(Tensor sigma, double epsilon) => (sigma * sigma.IsAtLeast(epsilon)).Plus(sigma.IsBelow(epsilon));
}
