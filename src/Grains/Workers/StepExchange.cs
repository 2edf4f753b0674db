using System.Diagnostics;
using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>The three phases of a step on one rank: prepare, compute, apply (design.md, promise P3).</summary>
/// <remarks>
/// Owners send effective parameters to all ranks; every rank sends each owner the sums of its shards, one for each maximal subtree of
/// its range in the fixed tree; owners add along that tree and apply. The leading rank puts the loss together from the same parcels.
/// </remarks>
internal sealed class StepExchange(WorkerReplica replica, RankChannel channel, ComputeThreads threads)
{
    private readonly Range _shards = ShardPlan.ShardsOf(channel.Rank, channel.WorldSize, replica.Spec.LogicalShards);
    private int _orderEpoch = -1;
    private int[] _order = [];
    private long _computeTicks;
    private long _dataTicks;
    private long _ownerTicks;

    /// <summary>Time spent in forward and backward passes, all threads together.</summary>
    public TimeSpan Computed => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref _computeTicks));

    /// <summary>Time spent gathering samples, all threads together.</summary>
    public TimeSpan Gathered => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref _dataTicks));

    /// <summary>Time spent on the owned layers.</summary>
    public TimeSpan Owned => Stopwatch.GetElapsedTime(0, _ownerTicks);

    /// <summary>Makes one step.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="options">Of this step.</param>
    /// <param name="requestStop">On the leading rank: end the run after this step.</param>
    public StepOutcome Make(long step, SgdOptions options, bool requestStop)
    {
        var (layers, stop) = Prepare(step, requestStop);
        var samples = Compute(step, layers);
        var terms = Apply(step, options);
        return new StepOutcome(
            channel.Leads ? StepTerms.From(terms, layers.Select(layer => layer.Penalty), replica.Objective) : null, samples, stop);
    }

    private (PreparedLayer[] Layers, bool Stop) Prepare(long step, bool requestStop)
    {
        channel.Activity.Enter("prepare", step);
        var key = new ParcelKey(ParcelKind.Prepared, step);
        var start = Stopwatch.GetTimestamp();
        var owned = replica.Owned.Prepare();
        _ownerTicks += Stopwatch.GetTimestamp() - start;
        LayerExchange.Share(channel, key, owned, requestStop);
        return LayerExchange.Collect(channel, key, replica.Network.Layers.Count, replica.Device);
    }

    private int Compute(long step, PreparedLayer[] layers)
    {
        channel.Activity.Enter("compute", step);
        InjectedFault.At(replica.Assignment.Generation, channel.Rank, step);
        var (epoch, stepInEpoch) = ((int)(step / replica.Plan.StepsPerEpoch), (int)(step % replica.Plan.StepsPerEpoch));
        var batch = OrderOf(epoch)[replica.Plan.Batch(stepInEpoch)];
        var (first, count) = _shards.GetOffsetAndLength(replica.Spec.LogicalShards);
        var sums = new SummationTree<ShardGradient>(replica.Spec.LogicalShards, ShardGradient.Combine);
        threads.Run(count, i =>
        {
            var start = Stopwatch.GetTimestamp();
            var indices = batch.AsSpan(replica.Plan.Shard(first + i, batch.Length));
            using var shard = SampleBatch.Gather(
                replica.Data.Train, indices, replica.Device, replica.Augments ? (replica.Spec.Seed, epoch) : null);
            var gathered = Stopwatch.GetTimestamp();
            sums.Add(
                TreeNode.Leaf(first + i),
                ShardComputation.Compute(replica.Network, replica.Objective, layers, shard, batch.Length));
            Interlocked.Add(ref _dataTicks, gathered - start);
            Interlocked.Add(ref _computeTicks, Stopwatch.GetTimestamp() - gathered);
        });

        foreach (var layer in layers)
        {
            layer.Dispose();
        }

        Send(step, sums.Subtrees);
        return batch.Length;
    }

    private void Send(long step, IReadOnlyList<KeyValuePair<TreeNode, ShardGradient>> sums)
    {
        for (var owner = 0; owner < channel.WorldSize; owner++)
        {
            var subtrees = sums.Select(sum => KeyValuePair.Create(sum.Key, new SubtreeSum(
                [.. sum.Value.Layers.Select((gradient, layer) => KeyValuePair.Create(layer, gradient)).Where(entry => replica.Owners[entry.Key] == owner)],
                sum.Value.Terms)));
            channel.Send(owner, new ParcelKey(ParcelKind.Gradients, step), new GradientParcel([.. subtrees]));
        }
    }

    private BatchTerms Apply(long step, SgdOptions options)
    {
        channel.Activity.Enter("apply", step);
        var shards = replica.Spec.LogicalShards;
        var subtrees = channel.Gather<GradientParcel>(new ParcelKey(ParcelKind.Gradients, step)).SelectMany(parcel => parcel.Subtrees).ToList();
        var start = Stopwatch.GetTimestamp();
        var terms = new SummationTree<BatchTerms>(shards, BatchTerms.Add);
        var sums = replica.Owned.Indices.ToDictionary(layer => layer, _ => new SummationTree<LayerGradient>(shards, LayerGradient.Combine));
        foreach (var (node, subtree) in subtrees)
        {
            terms.Add(node, subtree.Terms);
            foreach (var (layer, gradient) in subtree.Layers)
            {
                sums[layer].Add(node, gradient.On(replica.Device));
            }
        }

        foreach (var (layer, sum) in sums)
        {
            replica.Owned.Apply(layer, sum.Total, options);
        }

        _ownerTicks += Stopwatch.GetTimestamp() - start;
        return terms.Total;
    }

    private int[] OrderOf(int epoch)
    {
        if (epoch != _orderEpoch)
        {
            (_orderEpoch, _order) = (epoch, replica.Plan.Order(epoch));
        }

        return _order;
    }
}
