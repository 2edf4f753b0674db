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
    private readonly ApplyPhase _apply = new(replica, channel);
    private long _prepareTicks;
    private long _preparedFor = -1; // the step whose layers have been sent

    /// <summary>Time spent in forward and backward passes, all threads together.</summary>
    public TimeSpan Computed { get; private set; }

    /// <summary>Of these, time spent in forward passes.</summary>
    public TimeSpan Forwarded { get; private set; }

    /// <summary>Time spent gathering samples, all threads together.</summary>
    public TimeSpan Gathered => _samples.Time;

    /// <summary>Time spent on the owned layers.</summary>
    public TimeSpan Owned => Stopwatch.GetElapsedTime(0, _prepareTicks) + _apply.Time;

    /// <summary>One step of this rank: prepare its layers, compute its shards, apply the sums; blocks while it waits for others.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="isStopRequested">On the leading rank: whether the run is to end after the step for which it is asked.</param>
    /// <param name="goesOn">Whether the next step follows at once, given that this is or is not the last: else somebody reads the state that apply leaves.</param>
    public StepOutcome Make(long step, StepOptions options, Func<bool> isStopRequested, Func<bool, bool> goesOn)
    {
        var (layers, stop) = Prepare(step, isStopRequested);
        var samples = Compute(step, layers);
        var goesOnNow = goesOn(stop);
        var terms = _apply.Make(step, options, bucket =>
        {
            if (goesOnNow)
            {
                Share(step + 1, bucket, isStopRequested);
            }
        });
        return new StepOutcome(
            terms is null ? null : StepTerms.From(terms.Value, layers.Select(layer => layer.Penalty), replica.Objective), samples, stop);
    }

    /// <inheritdoc/>
    public void Dispose() => _samples.Dispose();

    private static SampleSource SamplesOf(WorkerReplica replica, RankChannel channel)
    {
        var (first, count) = replica.Exchange.ShardsOf(channel.Rank).GetOffsetAndLength(replica.Spec.LogicalShards);
        return new SampleSource(
            replica.Data.Train, replica.Plan, replica.Device, replica.Spec.Seed, replica.Augments, first, count, replica.TotalSteps, replica.Threads);
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
            _prepareTicks += Stopwatch.GetTimestamp() - start;
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

    private SummationTree<T> NewSum<T>(Func<T, T, T> combine) => new(replica.Spec.LogicalShards, combine);

    private static ParcelKey KeyOf(ParcelKind kind, long step, int bucket) => new(kind, step, bucket);
}
