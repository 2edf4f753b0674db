using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Training;

/// <summary>Forward and backward of one shard with respect to the effective parameters (design.md, promises P2 and P3).</summary>
public static class ShardComputation
{
    /// <summary>Gradients and loss terms of one shard, already divided by the global batch.</summary>
    /// <param name="network">The network.</param>
    /// <param name="objective">The penalties on betas and gammas are left to the owners.</param>
    /// <param name="layers">Effective parameters of every layer; shared with other threads and only read.</param>
    /// <param name="samples">The shard.</param>
    /// <param name="globalBatchCount">Samples of the whole step.</param>
    /// <param name="normalization"><see cref="Normalization.Running"/> trains with frozen statistics.</param>
    public static ShardGradient Compute(
        Network network, Objective objective, IReadOnlyList<PreparedLayer> layers, SampleBatch samples, int globalBatchCount,
        Normalization normalization = Normalization.Batch)
    {
        using var scope = NewDisposeScope();
        // Leaves of this thread's own: a shared .grad would be summed in any order.
        var leaves = layers.Select(layer => layer.Values with { Effective = [.. layer.Values.Effective.Select(Leaf)] }).ToList();
        var pass = new ForwardPass(normalization, leaves);
        var images = objective.HasGradientNorm ? Leaf(samples.Images) : samples.Images;

        var logits_BK = network.Forward(images, pass);
        var crossEntropy = nn.functional.cross_entropy(logits_BK, samples.Labels, reduction: nn.Reduction.Sum).DividedBy(globalBatchCount);
        var (total, gradientNorm) = objective.HasGradientNorm
            ? AddGradientNorm(crossEntropy, images, objective.GradientNormWeight, globalBatchCount)
            : (crossEntropy, null);

        var gradients = autograd.grad([total], [.. leaves.SelectMany(layer => layer.Effective)]);
        var statistics = pass.Statistics();
        var terms = new BatchTerms(
            crossEntropy.ToDouble(),
            gradientNorm?.ToDouble() ?? 0,
            (int)logits_BK.argmax(1).eq(samples.Labels).sum().ToInt64(),
            samples.Count);

        var buckets = new LayerGradient[leaves.Count];
        var next = 0;
        for (var layer = 0; layer < buckets.Length; layer++)
        {
            var count = leaves[layer].Effective.Count;
            var flat = TensorLayout.Pack([.. gradients.Skip(next).Take(count)]).DetachFromDisposeScope();
            buckets[layer] = new LayerGradient(flat, statistics[layer]);
            next += count;
        }

        return new ShardGradient(buckets, terms);
    }

    // regularized_loss.py:40-50 with L the mean over the global batch, so that shards only add.
    private static (Tensor Total, Tensor GradientNorm) AddGradientNorm(Tensor crossEntropy, Tensor images, double weight, int globalBatchCount)
    {
        var gradient = autograd.grad([crossEntropy], [images], retain_graph: true, create_graph: true)[0];
        var norm = (gradient * gradient).sum().Times(Objective.GradientNormFactor / globalBatchCount);
        return (crossEntropy + norm.Times(weight), norm);
    }

    private static Tensor Leaf(Tensor t) => t.detach().requires_grad_();
}
