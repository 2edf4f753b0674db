using Lcnn.Distributed.Model.Training;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Training;

internal static class LayerGradientExtensions
{
    /// <summary>All numbers of the gradient, one after the other.</summary>
    public static Tensor Flat(this LayerGradient gradient) => Flat(gradient.OfParameters);

    /// <summary>All numbers of gradients of a layer's parameters, one after the other.</summary>
    public static Tensor Flat(IEnumerable<Tensor> gradients) => cat([.. gradients.Select(gradient => gradient.flatten())]);
}
