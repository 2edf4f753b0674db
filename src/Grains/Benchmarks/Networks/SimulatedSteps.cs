using Lcnn.Distributed.Grains.Workers;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.Grains.Benchmarks.Networks;

/// <summary>Steps of the engine on a simulated network: the parcels of its plan, and what each rank waits for (<see cref="StepExchange"/>).</summary>
internal sealed class SimulatedSteps
{
    public const int Steps = 4; // the first has nothing to overlap with
    private const int HeaderBytes = 200; // of a parcel: its first frame and metadata

    private readonly Network _network;
    private readonly ExchangePlan _plan;
    private readonly StepCosts _costs;
    private readonly SimulatedNetwork _links;
    private readonly SimulatedRank[] _ranks;
    private readonly SimulatedRank[][] _processes;
    private readonly int[] _subtrees; // of each process's shards
    private readonly double[] _ends = new double[Steps];

    public SimulatedSteps(Network network, ExchangePlan plan, StepCosts costs, SimulatedNetwork links, NetworkBenchmarkOptions options, int shards)
    {
        (_network, _plan, _costs, _links) = (network, plan, costs, links);
        _ranks = [.. Enumerable.Range(0, plan.WorldSize).Select(rank => new SimulatedRank(rank, rank / options.WorkersPerProcess))];
        _processes = [.. _ranks.Chunk(options.WorkersPerProcess)];
        _subtrees = [.. _processes.Select(ranks => SubtreesOf(plan.ShardsOf(ranks[0].Number).Start.Value..plan.ShardsOf(ranks[^1].Number).End.Value, shards))];
    }

    /// <summary>Seconds of a step among others.</summary>
    public double Measure()
    {
        foreach (var rank in _ranks)
        {
            for (var bucket = 0; bucket < _plan.Buckets.Count; bucket++)
            {
                SendPrepared(rank, step: 0, bucket);
            }
        }

        _links.ResetCounts(); // each step sends the layers of the next
        _links.Run();
        return (_ends[Steps - 1] - _ends[0]) / (Steps - 1);
    }

    /// <summary>How many maximal subtrees of the fixed tree make up some shards.</summary>
    private static int SubtreesOf(Range range, int shards)
    {
        var sum = new SummationTree<int>(shards, (left, _) => left);
        for (var shard = range.Start.Value; shard < range.End.Value; shard++)
        {
            sum.Add(TreeNode.Leaf(shard), 0);
        }

        return sum.Subtrees.Count;
    }

    private void SendPrepared(SimulatedRank rank, int step, int bucket)
    {
        if (!_plan.IsPreparedBy(rank.Number, bucket))
        {
            return;
        }

        var layers = _plan.LayersOf(bucket, rank.Number);
        foreach (var (process, ranks) in _processes.Index())
        {
            _links.Send(rank.Process, process, HeaderBytes + BytesOf(layers), () =>
            {
                foreach (var receiver in ranks)
                {
                    receiver.AddPrepared(step, layers.Count);
                    TryCompute(receiver);
                }
            });
        }
    }

    private void TryCompute(SimulatedRank rank)
    {
        if (rank.Step < Steps && !rank.IsBusy && rank.HasPrepared(_network.Layers.Count))
        {
            rank.IsBusy = true;
            Work(rank, _costs.Forward, () => Backward(rank, 0));
        }
    }

    private void Backward(SimulatedRank rank, int bucket)
    {
        if (bucket == _plan.Buckets.Count)
        {
            rank.IsComputed = true;
            TryApply(rank);
            return;
        }

        Work(rank, _costs.Backward(_plan.Buckets.LayersOf(bucket)), () =>
        {
            SendSums(rank, bucket);
            Backward(rank, bucket + 1);
        });
    }

    private void SendSums(SimulatedRank rank, int bucket)
    {
        var (step, near) = (rank.Step, _processes[rank.Process]);
        var isLast = near.Count(other => other.Sent(step, bucket)) == near.Length - 1;
        rank.Add(step, bucket);
        foreach (var owner in _ranks.Where(owner => _plan.IsSummedBy(owner.Number, bucket)))
        {
            var isNear = owner.Process == rank.Process;
            if (isNear || isLast)
            {
                var bytes = HeaderBytes + (_subtrees[rank.Process] * BytesOf(_plan.LayersOf(bucket, owner.Number)));
                _links.Send(rank.Process, owner.Process, bytes, () =>
                {
                    owner.AddSums(step, bucket, isNear ? 1 : near.Length);
                    TryApply(owner);
                });
            }
        }
    }

    private void TryApply(SimulatedRank rank)
    {
        if (!rank.IsComputed || rank.IsApplying)
        {
            return;
        }

        if (rank.Bucket == _plan.Buckets.Count)
        {
            _ends[rank.Step] = Math.Max(_ends[rank.Step], _links.Now);
            rank.BeginStep();
            TryCompute(rank);
        }
        else if (!_plan.IsSummedBy(rank.Number, rank.Bucket))
        {
            PrepareNext(rank);
        }
        else if (rank.HasSums(_ranks.Length))
        {
            rank.IsApplying = true;
            Work(rank, 2 * _plan.LayersOf(rank.Bucket, rank.Number).Sum(_costs.Apply), () =>
            {
                rank.IsApplying = false;
                PrepareNext(rank);
            });
        }
    }

    private void PrepareNext(SimulatedRank rank)
    {
        SendPrepared(rank, rank.Step + 1, rank.Bucket++);
        TryApply(rank);
    }

    private void Work(SimulatedRank rank, double seconds, Action then)
    {
        rank.FreeFrom = Math.Max(rank.FreeFrom, _links.Now) + seconds;
        _links.At(rank.FreeFrom, then);
    }

    private long BytesOf(IReadOnlyList<int> layers) => layers.Sum(layer => _network.Layers[layer].EffectiveCount * sizeof(float));
}
