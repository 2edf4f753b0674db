using Lcnn.Distributed.Model.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Modules;

/// <summary>Fresh batch norms of TorchSharp, which hold buffers under torch's names.</summary>
internal static class StockNorms
{
    /// <summary>One that is moved once it is made: made with a type, its integer count would have that type.</summary>
    public static BatchNorm2d Of(long features, bool affine, Device? device, ScalarType? dtype)
    {
        var norm = nn.BatchNorm2d(features, LipschitzBatchNorm.Epsilon, LipschitzBatchNorm.Momentum, affine);
        return norm.to(device ?? CPU).to(dtype ?? get_default_dtype());
    }
}
