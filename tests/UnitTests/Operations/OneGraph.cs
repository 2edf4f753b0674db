using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.UnitTests.Golden;
using Lcnn.Distributed.UnitTests.Training;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Operations;

/// <summary>Loss terms and gradients by the effective parameters as libtorch finds them in one graph over a batch.</summary>
internal sealed record OneGraph(double CrossEntropy, double GradientNorm, IReadOnlyList<Tensor> Gradients)
{
    public static OneGraph Differentiate(
        Network network, IReadOnlyList<PreparedLayer> layers, Objective objective, Normalization normalization, Tensor images_BCHW, Tensor labels_B)
    {
        var leaves = SmallNetwork.Leaves(layers);
        var image = images_BCHW.detach().clone().requires_grad_();
        var crossEntropy = nn.functional.cross_entropy(new AutogradPass(normalization, leaves).Forward(network, image), labels_B);
        var slope = autograd.grad([crossEntropy], [image], retain_graph: true, create_graph: true)[0];
        var norm = slope.square().sum() * (Objective.GradientNormFactor / labels_B.shape[0]);
        var total = objective.HasGradientNorm ? crossEntropy + (norm * objective.GradientNormWeight) : crossEntropy;
        var gradients = new Queue<Tensor>(autograd.grad([total], [.. leaves.SelectMany(layer => layer.Effective)]));
        return new OneGraph(
            crossEntropy.ReadDouble(), norm.ReadDouble(), [.. leaves.Select(layer => LayerGradientExtensions.Flat([.. layer.Effective.Select(_ => gradients.Dequeue())]))]);
    }
}
