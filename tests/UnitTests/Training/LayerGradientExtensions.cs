using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Training;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Training;

internal static class LayerGradientExtensions
{
    /// <summary>All numbers of the gradient, one after the other.</summary>
    public static Tensor Flat(this LayerGradient gradient) => TensorLayout.Pack(gradient.OfParameters);
}
