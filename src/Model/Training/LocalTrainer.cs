using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Operations;
using Lcnn.Distributed.Model.Optimizers;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Training;

/// <summary>Trains a network in one process on one thread, without Orleans: every layer is owned here, shards run one after the other.</summary>
/// <remarks>The arithmetic is the distributed engine's, bit for bit.</remarks>
public sealed class LocalTrainer(
    Network network, IReadOnlyList<LayerState> states, Objective objective, Optimizer? optimizer = null, IReadOnlyList<LayerState>? averages = null, double averageDecay = 0) : IDisposable
{
    private readonly LayerOwner[] _owners = [.. states.Select((state, i) =>
        new LayerOwner(state, optimizer ?? new Sgd(), averages is null ? null : new WeightAverage(averages[i], averageDecay)))];

    public Network Network { get; } = network;

    /// <summary>Raw state of every layer.</summary>
    public IReadOnlyList<LayerState> States { get; } = states;

    /// <summary>One step of V shards on one thread: prepare, compute, apply.</summary>
    /// <param name="images_BCHW">The global batch.</param>
    /// <param name="labels_B">int64 labels.</param>
    /// <param name="options">Rate and number of the step, and the rest.</param>
    /// <param name="shards">V, the number of logical shards.</param>
    /// <param name="normalization">Whose statistics batch norms take.</param>
    /// <returns>Terms of the loss before the step.</returns>
    public StepTerms Step(
        Tensor images_BCHW, Tensor labels_B, StepOptions options, int shards = 1, Normalization normalization = Normalization.Shard)
    {
        var (gradient, terms) = Differentiate(images_BCHW, labels_B, shards, normalization);
        Apply([.. _owners.Zip(gradient.Layers)], options);
        return terms;
    }

    /// <summary>Prepare and compute of one step: summed gradients with respect to the effective parameters, and the loss.</summary>
    public (ShardGradient Gradient, StepTerms Terms) Differentiate(
        Tensor images_BCHW, Tensor labels_B, int shards = 1, Normalization normalization = Normalization.Shard)
    {
        var prepared = normalization == Normalization.Running ? LayerOwner.Evaluate(_owners) : LayerOwner.Prepare(_owners);
        try
        {
            var count = (int)labels_B.shape[0];
            var plan = new ShardPlan(count, count, shards, seed: 0);
            using var computation = new ShardComputation(Network, objective, prepared, count, normalization);
            var sum = new SummationTree<ShardGradient>(shards, ShardGradient.Combine);
            var lockstep = new Lockstep(normalization, ForEach, (_, shares) => SummationTree.Total(shares, NormShare.Merge));
            lockstep.Run(shards, shard =>
            {
                var (start, length) = plan.Shard(shard, count).GetOffsetAndLength(count);
                using var images = images_BCHW.narrow(0, start, length);
                using var labels = labels_B.narrow(0, start, length);
                return computation.Begin(new SampleBatch(images, labels), (_, gradient) => sum.Add(TreeNode.Leaf(shard), gradient));
            });
            return (sum.Total, StepTerms.From(sum.Total.Terms, prepared.Select(layer => layer.Penalty), objective));
        }
        finally
        {
            foreach (var layer in prepared)
            {
                layer.Dispose();
            }
        }
    }

    /// <summary>Effective parameters for evaluation; dispose them.</summary>
    public IReadOnlyList<PreparedLayer> Evaluate() => LayerOwner.Evaluate(_owners);

    /// <summary>Gradients of the raw parameters by the owners' chain rule, penalties included; uses up the gradient.</summary>
    public IReadOnlyDictionary<string, Tensor> RawGradients(ShardGradient gradient) => _owners.Zip(gradient.Layers)
        .SelectMany(pair => pair.First.RawGradients(pair.Second, objective))
        .ToDictionary(entry => entry.Key, entry => entry.Value);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var owner in _owners)
        {
            owner.Dispose();
        }
    }

    private void Apply(IReadOnlyList<(LayerOwner Owner, LayerGradient Sum)> layers, StepOptions options)
    {
        if (options.MaxGradientNorm is not { } maximum)
        {
            LayerOwner.Apply(layers, options);
            return;
        }

        var gradients = LayerOwner.Differentiate(layers, objective);
        var scale = GradientClipping.ScaleOf(RawLayerGradient.SquaredNorms(gradients), maximum, layer => Network.Layers[layer].Path);
        foreach (var (owner, ofLayer) in _owners.Zip(gradients))
        {
            using var used = ofLayer;
            owner.Update(used, options with { Optimizer = options.Optimizer with { GradientScale = scale } });
        }
    }

    private static void ForEach(int count, Action<int> body)
    {
        for (var i = 0; i < count; i++)
        {
            body(i);
        }
    }
}
