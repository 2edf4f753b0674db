using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
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
        ShardGradient? whole = null;
        Compute(network, objective, layers, samples, globalBatchCount, GradientBuckets.One(network), (_, gradient) => whole = gradient, normalization);
        return whole!;
    }

    /// <summary>As the other, bucket by bucket, each handed over while the backward pass goes on to the next.</summary>
    /// <remarks>The gradient-norm term differentiates the whole pass twice: with it no gradient is done before all are.</remarks>
    /// <param name="network">The network.</param>
    /// <param name="objective">The penalties on betas and gammas are left to the owners.</param>
    /// <param name="layers">Effective parameters of every layer; shared with other threads and only read.</param>
    /// <param name="samples">The shard.</param>
    /// <param name="globalBatchCount">Samples of the whole step.</param>
    /// <param name="buckets">Of the network. They change no bit of any gradient.</param>
    /// <param name="ready">Takes over a bucket's number and the gradients of its layers; the terms of the loss come with each.</param>
    /// <param name="normalization"><see cref="Normalization.Running"/> trains with frozen statistics.</param>
    /// <param name="forwardDone">Called between the pass forward and the pass backward.</param>
    public static void Compute(
        Network network, Objective objective, IReadOnlyList<PreparedLayer> layers, SampleBatch samples, int globalBatchCount,
        GradientBuckets buckets, Action<int, ShardGradient> ready, Normalization normalization = Normalization.Batch, Action? forwardDone = null)
    {
        using var scope = NewDisposeScope();
        // Leaves of this pass's own: a shared .grad would be summed in any order.
        var pass = new ForwardPass(normalization, [.. layers.Select(layer => layer.Values)]) { TracksUses = true };
        var images = objective.HasGradientNorm ? samples.Images.detach().requires_grad_() : samples.Images;
        var stages = BackwardStages.Forward(network, objective.HasGradientNorm ? GradientBuckets.One(network) : buckets, images, pass);
        forwardDone?.Invoke();

        var logits_BK = stages.Output;
        var crossEntropy = nn.functional.cross_entropy(logits_BK, samples.Labels, reduction: nn.Reduction.Sum).DividedBy(globalBatchCount);
        var (total, gradientNorm) = objective.HasGradientNorm
            ? AddGradientNorm(crossEntropy, images, objective.GradientNormWeight, globalBatchCount)
            : (crossEntropy, null);

        (BatchTerms Terms, BatchStatistics?[] Statistics)? results = null;
        var next = 0;
        foreach (var done in stages.Backward(total))
        {
            results ??= (new BatchTerms(
                crossEntropy.ReadDouble(),
                gradientNorm?.ReadDouble() ?? 0,
                (int)logits_BK.argmax(1).eq(samples.Labels).sum().ReadInt64(),
                samples.Count), pass.Statistics());
            for (; next < buckets.Count && buckets.LayersOf(next).Start.Value >= done; next++)
            {
                var (first, count) = buckets.LayersOf(next).GetOffsetAndLength(layers.Count);
                ready(next, new ShardGradient(
                    [.. Enumerable.Range(first, count).Select(layer => new LayerGradient(stages.TakeGradient(layer), results.Value.Statistics[layer]))],
                    results.Value.Terms));
            }
        }
    }

    // regularized_loss.py:40-50 with L the mean over the global batch, so that shards only add.
    private static (Tensor Total, Tensor GradientNorm) AddGradientNorm(Tensor crossEntropy, Tensor images, double weight, int globalBatchCount)
    {
        var gradient = autograd.grad([crossEntropy], [images], retain_graph: true, create_graph: true)[0];
        var norm = (gradient * gradient).sum().Times(Objective.GradientNormFactor / globalBatchCount);
        return (crossEntropy + norm.Times(weight), norm);
    }
}
