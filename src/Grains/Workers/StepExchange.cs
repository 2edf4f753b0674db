using System.Diagnostics;
using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Operations;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>The three phases of a step on one rank: prepare, compute, apply (design.md, promise P3).</summary>
/// <remarks>
/// Owners send effective parameters to all ranks; every rank sends each owner the sums of its shards, one for each maximal subtree of
/// its range in the fixed tree, bucket by bucket while its backward passes go on; owners add along that tree and apply. The terms of the
/// loss come with the first bucket.
/// </remarks>
internal sealed class StepExchange(WorkerReplica replica, RankChannel channel, ComputeThreads threads) : IDisposable
{
    private const double BytesPerMegabyte = 1e6;

    private readonly Range _shards = ShardPlan.ShardsOf(channel.Rank, channel.WorldSize, replica.Spec.LogicalShards);
    private readonly GradientBuckets _buckets = new(replica.Network, (long)Math.Ceiling(replica.Spec.BucketMegabytes * BytesPerMegabyte));
    private readonly SampleSource _samples = SamplesOf(replica, channel);
    private long _ownerTicks;

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
    /// <param name="requestStop">On the leading rank: end the run after this step.</param>
    public StepOutcome Make(long step, SgdOptions options, bool requestStop)
    {
        var (layers, stop) = Prepare(step, requestStop);
        var samples = Compute(step, layers);
        var terms = Apply(step, options);
        return new StepOutcome(
            channel.Leads ? StepTerms.From(terms, layers.Select(layer => layer.Penalty), replica.Objective) : null, samples, stop);
    }

    /// <inheritdoc/>
    public void Dispose() => _samples.Dispose();

    private static SampleSource SamplesOf(WorkerReplica replica, RankChannel channel)
    {
        var (first, count) = ShardPlan.ShardsOf(channel.Rank, channel.WorldSize, replica.Spec.LogicalShards).GetOffsetAndLength(replica.Spec.LogicalShards);
        return new SampleSource(
            replica.Data.Train, replica.Plan, replica.Device, replica.Augments ? replica.Spec.Seed : null, first, count, replica.TotalSteps, isAhead: !replica.Device.IsCpu);
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
        var (batchCount, take) = _samples.Begin(step);
        var (first, count) = _shards.GetOffsetAndLength(replica.Spec.LogicalShards);
        using var computation = new ShardComputation(replica.Network, replica.Objective, layers, batchCount, replica.Normalization)
        {
            Buckets = _buckets,
            WantsTooMuchMemory = InjectedFault.At(replica.Assignment.Generation, channel.Rank, step),
        };
        var sums = Enumerable.Range(0, _buckets.Count).Select(_ => NewSum<ShardGradient>(ShardGradient.Combine)).ToArray();
        var missing = Enumerable.Repeat(count, _buckets.Count).ToArray();
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
        var first = _buckets.LayersOf(bucket).Start.Value;
        foreach (var owner in Enumerable.Range(0, channel.WorldSize).Where(rank => IsSentTo(rank, bucket)))
        {
            var subtrees = sums.Select(sum => KeyValuePair.Create(sum.Key, new SubtreeSum(
                [.. sum.Value.Layers.Select((gradient, index) => KeyValuePair.Create(first + index, gradient)).Where(entry => replica.Owners[entry.Key] == owner)],
                sum.Value.Terms)));
            channel.Send(owner, KeyOf(step, bucket), new GradientParcel([.. subtrees]));
        }
    }

    private BatchTerms Apply(long step, SgdOptions options)
    {
        channel.Activity.Enter("apply", step);
        var terms = NewSum<BatchTerms>(BatchTerms.Add);
        foreach (var bucket in Enumerable.Range(0, _buckets.Count).Where(bucket => IsSentTo(channel.Rank, bucket)))
        {
            var subtrees = channel.Gather<GradientParcel>(KeyOf(step, bucket)).SelectMany(parcel => parcel.Subtrees).ToList();
            var start = Stopwatch.GetTimestamp();
            if (bucket == 0)
            {
                subtrees.ForEach(subtree => terms.Add(subtree.Key, subtree.Value.Terms));
            }

            replica.Owned.Apply(SumsOf(subtrees).Select(sum => KeyValuePair.Create(sum.Key, sum.Value.Total)), options);

            _ownerTicks += Stopwatch.GetTimestamp() - start;
        }

        return terms.Total;
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

    // The first bucket goes to every rank: the terms of the loss are in it.
    private bool IsSentTo(int rank, int bucket) =>
        bucket == 0 || replica.Owners.Take(_buckets.LayersOf(bucket)).Contains(rank);

    private SummationTree<T> NewSum<T>(Func<T, T, T> combine) => new(replica.Spec.LogicalShards, combine);

    private static ParcelKey KeyOf(long step, int bucket) => new(ParcelKind.Gradients, step, bucket);
}
