using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.UnitTests.Golden;
using Lcnn.Distributed.UnitTests.Training;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Operations;

/// <summary>Loss terms and gradients by the effective parameters as libtorch finds them in one graph over a batch, written as the reference writes them.</summary>
/// <param name="GradientTerm">The gradient norm, or CURE's term where the objective has that.</param>
internal sealed record OneGraph(double CrossEntropy, double GradientTerm, IReadOnlyList<Tensor> Gradients)
{
    private static readonly long[] _pixels = [1, 2, 3];

    public static OneGraph Differentiate(
        Network network, IReadOnlyList<PreparedLayer> layers, Objective objective, Normalization normalization, Tensor images_BCHW, Tensor labels_B)
    {
        var leaves = SmallNetwork.Leaves(layers);
        var image = (objective.IsAdversarial ? Attacked() : images_BCHW).detach().clone().requires_grad_();
        var crossEntropy = LossOf(image, labels_B);
        var slope = autograd.grad([crossEntropy], [image], retain_graph: true, create_graph: true)[0];
        var term = objective.HasCure ? Cure(slope) : slope.square().sum() * (Objective.GradientNormFactor / labels_B.shape[0]);
        var total = objective.HasGradientTerm ? crossEntropy + (term * objective.GradientNormWeight) : crossEntropy;
        var gradients = new Queue<Tensor>(autograd.grad([total], [.. leaves.SelectMany(layer => layer.Effective)]));
        return new OneGraph(
            crossEntropy.ReadDouble(), term.ReadDouble(), [.. leaves.Select(layer => LayerGradientExtensions.Flat([.. layer.Effective.Select(_ => gradients.Dequeue())]))]);

        Tensor Forward(Tensor x) => new AutogradPass(normalization, leaves).Forward(network, x);

        Tensor LossOf(Tensor x, Tensor labels) => nn.functional.cross_entropy(Forward(x), labels);

        // regularized_loss.py:67-100 at 5b94577.
        Tensor Cure(Tensor ofSamples)
        {
            var signs = ofSamples.detach().sign();
            var moved = (image.detach() + (signs / Norm(signs))).requires_grad_();
            var ofMoved = autograd.grad([LossOf(moved, labels_B)], [moved], retain_graph: true, create_graph: true)[0];
            return (ofSamples - ofMoved).square().sum() * (Objective.CureFactor / labels_B.shape[0]);
        }

        // cleverhans' projected_gradient_descent in l2, from the samples themselves, against the predicted classes.
        Tensor Attacked()
        {
            var predicted = Forward(images_BCHW).argmax(1).detach();
            var at = images_BCHW;
            for (var step = 0; step < objective.Attack.Steps; step++)
            {
                var leaf = at.detach().clone().requires_grad_();
                var up = autograd.grad([LossOf(leaf, predicted)], [leaf])[0];
                var away = leaf.detach() + (up / Norm(up) * objective.Attack.StepSize) - images_BCHW;
                at = images_BCHW + (away * (objective.Attack.Radius / Norm(away)).clamp_max(1));
            }

            return at;
        }
    }

    private static Tensor Norm(Tensor t_BCHW) => t_BCHW.square().sum(_pixels, keepdim: true).sqrt();
}
