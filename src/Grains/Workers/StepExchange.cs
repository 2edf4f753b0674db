using System.Diagnostics;
using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Operations;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>The three phases of a step on one rank: prepare, compute, apply (design.md, promise P3).</summary>
/// <remarks>
/// Owners send effective parameters to all ranks; ranks send each owner the sums of their shards, one for each maximal subtree in the fixed
/// tree, bucket by bucket while their backward passes go on. Ranks of one process first add up what leaves it. Owners add along that tree,
/// apply, and where the next step follows at once prepare and send a bucket's layers for it before they turn to the next bucket; where the
/// norm of the gradient is clipped, all of that waits for it, once for all buckets. The terms of the loss come to the leading rank with the
/// first bucket.
/// </remarks>
internal sealed class StepExchange(WorkerReplica replica, RankChannel channel, ComputeThreads threads) : IDisposable
{
    private readonly ExchangePlan _plan = replica.Exchange;
    private readonly SampleSource _samples = SamplesOf(replica, channel);
    private long _ownerTicks;
    private long _preparedFor = -1; // the step whose layers have been sent

    /// <summary>Time spent in forward and backward passes, all threads together.</summary>
    public TimeSpan Computed { get; private set; }

    /// <summary>Of these, time spent in forward passes.</summary>
    public TimeSpan Forwarded { get; private set; }

    /// <summary>Time spent gathering samples, all threads together.</summary>
    public TimeSpan Gathered => _samples.Time;

    /// <summary>Time spent on the owned layers.</summary>
    public TimeSpan Owned => Stopwatch.GetElapsedTime(0, _ownerTicks);

    /// <summary>One step of this rank: prepare its layers, compute its shards, apply the sums; blocks while it waits for others.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="isStopRequested">On the leading rank: whether the run is to end after the step for which it is asked.</param>
    /// <param name="goesOn">Whether the next step follows at once, given that this is or is not the last: else somebody reads the state that apply leaves.</param>
    public StepOutcome Make(long step, StepOptions options, Func<bool> isStopRequested, Func<bool, bool> goesOn)
    {
        var (layers, stop) = Prepare(step, isStopRequested);
        var samples = Compute(step, layers);
        var terms = Apply(step, options, goesOn(stop) ? isStopRequested : null);
        return new StepOutcome(
            terms is null ? null : StepTerms.From(terms.Value, layers.Select(layer => layer.Penalty), replica.Objective), samples, stop);
    }

    /// <inheritdoc/>
    public void Dispose() => _samples.Dispose();

    private static SampleSource SamplesOf(WorkerReplica replica, RankChannel channel)
    {
        var (first, count) = replica.Exchange.ShardsOf(channel.Rank).GetOffsetAndLength(replica.Spec.LogicalShards);
        return new SampleSource(
            replica.Data.Train, replica.Plan, replica.Device, replica.Spec.Seed, replica.Augments, first, count, replica.TotalSteps, isAhead: !replica.Device.IsCpu);
    }

    private (PreparedLayer[] Layers, bool Stop) Prepare(long step, Func<bool> isStopRequested)
    {
        channel.Activity.Enter("prepare", step);
        if (_preparedFor != step)
        {
            foreach (var bucket in Enumerable.Range(0, _plan.Buckets.Count))
            {
                Share(step, bucket, isStopRequested);
            }
        }

        var parcels = from bucket in Enumerable.Range(0, _plan.Buckets.Count)
                      from rank in Enumerable.Range(0, channel.WorldSize)
                      where _plan.IsPreparedBy(rank, bucket)
                      select (rank, KeyOf(ParcelKind.Prepared, step, bucket));
        return LayerExchange.Collect(channel, parcels, replica.Network.Layers.Count, replica.Device);
    }

    private void Share(long step, int bucket, Func<bool> isStopRequested)
    {
        _preparedFor = step;
        if (_plan.IsPreparedBy(channel.Rank, bucket))
        {
            var start = Stopwatch.GetTimestamp();
            var owned = replica.Owned.Prepare(_plan.LayersOf(bucket, channel.Rank));
            _ownerTicks += Stopwatch.GetTimestamp() - start;
            LayerExchange.Share(channel, KeyOf(ParcelKind.Prepared, step, bucket), owned, channel.Leads && _plan.IsLast(bucket) && isStopRequested());
        }
    }

    private int Compute(long step, PreparedLayer[] layers)
    {
        channel.Activity.Enter("compute", step);
        var (batchCount, take) = _samples.Begin(step);
        var (first, count) = _plan.ShardsOf(channel.Rank).GetOffsetAndLength(replica.Spec.LogicalShards);
        using var computation = new ShardComputation(replica.Network, replica.Objective, layers, batchCount, replica.Normalization)
        {
            Buckets = _plan.Buckets,
            WantsTooMuchMemory = InjectedFault.At(replica.Assignment.Generation, channel.Rank, step),
        };
        var sums = Enumerable.Range(0, _plan.Buckets.Count).Select(_ => NewSum<ShardGradient>(ShardGradient.Combine)).ToArray();
        var missing = Enumerable.Repeat(count, _plan.Buckets.Count).ToArray();
        try
        {
            var lockstep = new Lockstep(replica.Normalization, threads.Run, (halt, shares) => TotalOf(step, halt, first, shares));
            lockstep.Run(count, i => computation.Begin(take(i), (bucket, gradient) =>
            {
                sums[bucket].Add(TreeNode.Leaf(first + i), gradient);
                if (Interlocked.Decrement(ref missing[bucket]) == 0)
                {
                    Send(step, bucket, sums[bucket].Subtrees);
                }
            }));
            Forwarded += computation.TimeOf(Pass.Forward);
            Computed += computation.Time;
        }
        catch
        {
            foreach (var (_, sum) in sums.Where((_, bucket) => missing[bucket] > 0).SelectMany(unsent => unsent.Subtrees))
            {
                sum.Dispose();
            }

            throw;
        }
        finally
        {
            foreach (var layer in layers)
            {
                layer.Dispose();
            }
        }

        return batchCount;
    }

    // Everybody sends the few sums to everybody, one hop, and merges them along the same tree.
    private NormShare[] TotalOf(long step, int halt, int firstShard, IReadOnlyList<NormShare[]> shares)
    {
        var own = NewSum<NormShare[]>(NormShare.Merge);
        for (var i = 0; i < shares.Count; i++)
        {
            own.Add(TreeNode.Leaf(firstShard + i), shares[i]);
        }

        if (own.IsComplete)
        {
            return own.Total;
        }

        var key = new ParcelKey(ParcelKind.NormShares, step, halt);
        channel.Broadcast(key, new NormSharesParcel(own.Subtrees));
        var total = NewSum<NormShare[]>(NormShare.Merge);
        foreach (var (node, share) in channel.Gather<NormSharesParcel>(key).SelectMany(parcel => parcel.Subtrees))
        {
            total.Add(node, share);
        }

        return total.Total;
    }

    private void Send(long step, int bucket, IReadOnlyList<KeyValuePair<TreeNode, ShardGradient>> sums)
    {
        var (key, first) = (KeyOf(ParcelKind.Gradients, step, bucket), _plan.Buckets.LayersOf(bucket).Start.Value);
        var receivers = Enumerable.Range(0, channel.WorldSize).Where(rank => _plan.IsSummedBy(rank, bucket)).ToLookup(channel.IsNear);
        List<KeyValuePair<TreeNode, SubtreeSum>> whole =
        [
            .. sums.Select(sum => KeyValuePair.Create(
                sum.Key, new SubtreeSum([.. sum.Value.Layers.Select((gradient, i) => KeyValuePair.Create(first + i, gradient))], sum.Value.Terms))),
        ];
        foreach (var rank in receivers[true])
        {
            channel.Send(rank, key, PartOf(whole, layer => _plan.Owners[layer] == rank));
        }

        if (receivers[false].Any() && channel.AddShared(key, replica.Spec.LogicalShards, PartOf(whole, layer => !channel.IsNear(_plan.Owners[layer])).Subtrees) is { } shared)
        {
            foreach (var rank in receivers[false])
            {
                channel.SendShared(rank, key, PartOf(shared, layer => _plan.Owners[layer] == rank));
            }
        }
    }

    private static GradientParcel PartOf(IReadOnlyList<KeyValuePair<TreeNode, SubtreeSum>> sums, Func<int, bool> isWanted) =>
        new([.. sums.Select(sum => KeyValuePair.Create(sum.Key, sum.Value with { Layers = [.. sum.Value.Layers.Where(layer => isWanted(layer.Key))] }))]);

    // The terms of the loss on the leading rank.
    private BatchTerms? Apply(long step, StepOptions options, Func<bool>? prepareNext)
    {
        channel.Activity.Enter("apply", step);
        var terms = NewSum<BatchTerms>(BatchTerms.Add);
        var clips = options.MaxGradientNorm is not null;
        for (var bucket = 0; bucket < _plan.Buckets.Count; bucket++)
        {
            if (_plan.IsSummedBy(channel.Rank, bucket))
            {
                var subtrees = channel.Gather<GradientParcel>(KeyOf(ParcelKind.Gradients, step, bucket), channel.SumSenders).SelectMany(parcel => parcel.Subtrees).ToList();
                var start = Stopwatch.GetTimestamp();
                if (bucket == 0)
                {
                    subtrees.ForEach(subtree => terms.Add(subtree.Key, subtree.Value.Terms));
                }

                var sums = SumsOf(subtrees).Select(sum => KeyValuePair.Create(sum.Key, sum.Value.Total));
                if (clips)
                {
                    replica.Owned.Differentiate(sums, options.Objective);
                }
                else
                {
                    replica.Owned.Apply(sums, options);
                }

                _ownerTicks += Stopwatch.GetTimestamp() - start;
            }

            if (prepareNext is not null && !clips)
            {
                Share(step + 1, bucket, prepareNext);
            }
        }

        if (options.MaxGradientNorm is { } maximum)
        {
            ApplyClipped(step, options, maximum, prepareNext);
        }

        return channel.Leads ? terms.Total : null;
    }

    private void ApplyClipped(long step, StepOptions options, double maximum, Func<bool>? prepareNext)
    {
        var start = Stopwatch.GetTimestamp();
        var squares = replica.Owned.SquaredNorms();
        _ownerTicks += Stopwatch.GetTimestamp() - start;
        var scale = GradientNormExchange.ScaleOf(channel, step, squares, replica.Network, maximum);
        start = Stopwatch.GetTimestamp();
        replica.Owned.Update(options with { Optimizer = options.Optimizer with { GradientScale = scale } });
        _ownerTicks += Stopwatch.GetTimestamp() - start;
        for (var bucket = 0; prepareNext is not null && bucket < _plan.Buckets.Count; bucket++)
        {
            Share(step + 1, bucket, prepareNext);
        }
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
                    sums.Add(layer, sum = NewSum<LayerGradient>(LayerGradient.Combine));
                }

                sum.Add(node, gradient.On(replica.Device));
            }
        }

        return sums;
    }

    private SummationTree<T> NewSum<T>(Func<T, T, T> combine) => new(replica.Spec.LogicalShards, combine);

    private static ParcelKey KeyOf(ParcelKind kind, long step, int bucket) => new(kind, step, bucket);
}
