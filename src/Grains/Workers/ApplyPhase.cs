using System.Diagnostics;
using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>The third phase of a step on one rank: adds up what ranks send of the layers that it owns, and applies it.</summary>
internal sealed class ApplyPhase(WorkerReplica replica, RankChannel channel)
{
    private readonly ExchangePlan _plan = replica.Exchange;
    private long _ticks;

    /// <summary>Time spent on the owned layers.</summary>
    public TimeSpan Time => Stopwatch.GetElapsedTime(0, _ticks);

    /// <summary>Applies a step to the owned layers, bucket by bucket; blocks while it waits for others.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="applied">Called for each bucket, in order, when its owned layers are as the step leaves them.</param>
    /// <returns>The terms of the loss on the leading rank.</returns>
    /// <exception cref="NonFiniteGradientException">A gradient is NaN or infinite.</exception>
    public BatchTerms? Make(long step, StepOptions options, Action<int> applied)
    {
        channel.Activity.Enter("apply", step);
        var terms = new SummationTree<BatchTerms>(replica.Spec.LogicalShards, BatchTerms.Add);
        for (var bucket = 0; bucket < _plan.Buckets.Count; bucket++)
        {
            if (_plan.IsSummedBy(channel.Rank, bucket))
            {
                Take(step, bucket, options, terms);
            }

            if (options.MaxGradientNorm is null)
            {
                applied(bucket);
            }
        }

        if (options.MaxGradientNorm is { } maximum)
        {
            Clip(step, options, maximum);
            for (var bucket = 0; bucket < _plan.Buckets.Count; bucket++)
            {
                applied(bucket);
            }
        }

        return channel.Leads ? terms.Total : null;
    }

    // Where the norm of the gradient is clipped, all of it must be known first.
    private void Take(long step, int bucket, StepOptions options, SummationTree<BatchTerms> terms)
    {
        var subtrees = channel.Gather<GradientParcel>(new ParcelKey(ParcelKind.Gradients, step, bucket), channel.SumSenders).SelectMany(parcel => parcel.Subtrees).ToList();
        var start = Stopwatch.GetTimestamp();
        if (bucket == 0)
        {
            subtrees.ForEach(subtree => terms.Add(subtree.Key, subtree.Value.Terms));
        }

        var sums = SumsOf(subtrees).Select(sum => KeyValuePair.Create(sum.Key, sum.Value.Total));
        if (options.MaxGradientNorm is null)
        {
            replica.Owned.Apply(sums, options);
        }
        else
        {
            replica.Owned.Differentiate(sums, options.Objective);
        }

        _ticks += Stopwatch.GetTimestamp() - start;
    }

    private void Clip(long step, StepOptions options, double maximum)
    {
        var start = Stopwatch.GetTimestamp();
        var squares = replica.Owned.SquaredNorms();
        _ticks += Stopwatch.GetTimestamp() - start;
        var scale = GradientNormExchange.ScaleOf(channel, step, squares, replica.Network, maximum);
        start = Stopwatch.GetTimestamp();
        replica.Owned.Update(options with { Optimizer = options.Optimizer with { GradientScale = scale } });
        _ticks += Stopwatch.GetTimestamp() - start;
    }

    private SortedDictionary<int, SummationTree<LayerGradient>> SumsOf(IReadOnlyList<KeyValuePair<TreeNode, SubtreeSum>> subtrees)
    {
        var sums = new SortedDictionary<int, SummationTree<LayerGradient>>();
        foreach (var (node, subtree) in subtrees)
        {
            foreach (var (layer, gradient) in subtree.Layers)
            {
                if (!sums.TryGetValue(layer, out var sum))
                {
                    sums.Add(layer, sum = new SummationTree<LayerGradient>(replica.Spec.LogicalShards, LayerGradient.Combine));
                }

                sum.Add(node, gradient.On(replica.Device));
            }
        }

        return sums;
    }
}
