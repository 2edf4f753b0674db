using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Training;

/// <summary>One shard between its pass forward, which the constructor makes, and its pass backward. Of one thread.</summary>
public sealed class ShardPass : IDisposable
{
    private const long BeyondAllMemory = 1L << 50; // numbers

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly ShardComputation _step;
    private readonly SampleBatch _samples;
    private readonly ForwardPass _pass;
    private readonly Tensor _images;
    private readonly BackwardStages _stages;
    private readonly Tensor _logits_BK;

    internal ShardPass(ShardComputation step, SampleBatch samples)
    {
        (_step, _samples) = (step, samples);
        try
        {
            _pass = new ForwardPass(step.Normalization, step.Layers) { TracksUses = true };
            _images = step.Objective.HasGradientNorm ? samples.Images.detach().requires_grad_() : samples.Images;
            // The gradient-norm term differentiates the whole pass twice: with it no gradient is done before all are.
            _stages = BackwardStages.Forward(step.Network, step.Objective.HasGradientNorm ? GradientBuckets.One(step.Network) : step.Buckets, _images, _pass);
            _logits_BK = _stages.Output;
        }
        catch
        {
            _scope.Dispose();
            throw;
        }
    }

    /// <summary>For trials of the recovery: the pass backward, the last where there are two, wants more memory than any machine has.</summary>
    public bool WantsTooMuchMemory { get; set; }

    /// <summary>The pass backward, bucket by bucket, each handed over while it goes on to the next.</summary>
    /// <param name="ready">Takes over a bucket's number and the gradients of its layers; the terms of the loss come with each.</param>
    /// <exception cref="LibtorchException">libtorch could not; buckets that were handed over stay so.</exception>
    public void Backward(Action<int, ShardGradient> ready)
    {
        var (crossEntropy, gradientNorm, total) = LibtorchException.In("the loss", Loss);
        (BatchTerms Terms, BatchStatistics?[] Statistics)? results = null;
        var next = 0;
        foreach (var done in _stages.Backward(WantsTooMuchMemory ? Insatiable(total) : total))
        {
            results ??= LibtorchException.In("the loss", () => (TermsOf(crossEntropy, gradientNorm), _pass.Statistics()));
            for (; next < _step.Buckets.Count && _step.Buckets.LayersOf(next).Start.Value >= done; next++)
            {
                var gradients = LibtorchException.In("the gradients", () => Take(_step.Buckets.LayersOf(next), results.Value.Statistics));
                ready(next, new ShardGradient(gradients, results.Value.Terms));
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _scope.Dispose();

    private LayerGradient[] Take(Range layers, BatchStatistics?[] statistics)
    {
        var (first, count) = layers.GetOffsetAndLength(_step.Layers.Count);
        return [.. Enumerable.Range(first, count).Select(layer => new LayerGradient(_stages.TakeGradient(layer), statistics[layer]))];
    }

    private BatchTerms TermsOf(Tensor crossEntropy, Tensor? gradientNorm) => new(
        crossEntropy.ReadDouble(),
        gradientNorm?.ReadDouble() ?? 0,
        (int)_logits_BK.argmax(1).eq(_samples.Labels).sum().ReadInt64(),
        _samples.Count);

    // regularized_loss.py:40-50 with L the mean over the global batch, so that shards only add.
    private (Tensor CrossEntropy, Tensor? GradientNorm, Tensor Total) Loss()
    {
        var crossEntropy = nn.functional.cross_entropy(_logits_BK, _samples.Labels, reduction: nn.Reduction.Sum).DividedBy(_step.GlobalBatchCount);
        if (!_step.Objective.HasGradientNorm)
        {
            return (crossEntropy, null, crossEntropy);
        }

        var gradient = LibtorchException.In("the backward pass to the images", () => LeafGradients.Of(crossEntropy, [_images], createGraph: true)[0]);
        var norm = (gradient * gradient).sum().Times(Objective.GradientNormFactor / _step.GlobalBatchCount);
        return (crossEntropy, norm, crossEntropy + norm.Times(_step.Objective.GradientNormWeight));
    }

    // Forward these are views; the slope of the narrow one has the size of the wide one.
    private static Tensor Insatiable(Tensor total) => total.expand(BeyondAllMemory).narrow(0, 0, 1).sum();
}
