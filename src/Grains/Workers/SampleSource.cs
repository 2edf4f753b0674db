using System.Diagnostics;
using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Operations;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>The samples of a rank's shards, step by step. Ahead of time where a GPU computes, while it does; else when they are wanted, as the cores have no time.</summary>
/// <remarks>Shards of a step may be taken on any threads.</remarks>
/// <param name="seed">Of the run.</param>
/// <param name="augments">Whether images are cropped and flipped at random.</param>
/// <param name="firstShard">Of the rank.</param>
/// <param name="shardCount">Of the rank.</param>
/// <param name="totalSteps">Of the run.</param>
/// <param name="isAhead">Whether the next step's are gathered while one computes.</param>
internal sealed class SampleSource(
    ILabelledImages data, ShardPlan plan, ComputeDevice device, long seed, bool augments, int firstShard, int shardCount, long totalSteps, bool isAhead) : IDisposable
{
    private readonly Task<SampleBatch>?[] _next = new Task<SampleBatch>?[shardCount];
    private long _nextStep = -1;
    private int _orderEpoch = -1;
    private int[] _order = [];
    private long _ticks;

    /// <summary>Time spent gathering, all threads together.</summary>
    public TimeSpan Time => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref _ticks));

    /// <summary>Sets out on a step; by one thread, before its shards are taken.</summary>
    /// <returns>Takes one of the rank's shards, once.</returns>
    public (int BatchCount, Func<int, SampleBatch> Take) Begin(long step)
    {
        var ready = _nextStep == step ? _next.ToArray() : [];
        Array.Clear(_next);
        var (batch, epoch) = BatchOf(step);
        var taken = 0;
        return (batch.Length, Take);

        SampleBatch Take(int shard)
        {
            var samples = ready.Length > 0 ? ready[shard]!.GetAwaiter().GetResult() : Gather(batch, shard, epoch);
            if (isAhead && Interlocked.Increment(ref taken) == shardCount && step + 1 < totalSteps)
            {
                GatherAhead(step + 1);
            }

            return samples;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        var untaken = _next.OfType<Task<SampleBatch>>().ToArray();
        Task.WhenAll(untaken).ContinueWith(_ => { }, TaskScheduler.Default).Wait(); // moments; one that failed holds nothing
        foreach (var samples in untaken.Where(task => task.IsCompletedSuccessfully))
        {
            samples.Result.Dispose();
        }
    }

    private void GatherAhead(long step)
    {
        var (batch, epoch) = BatchOf(step);
        for (var i = 0; i < shardCount; i++)
        {
            var shard = i;
            _next[shard] = Task.Run(() => Gather(batch, shard, epoch));
        }

        _nextStep = step;
    }

    private (int[] Batch, int Epoch) BatchOf(long step)
    {
        var (epoch, stepInEpoch) = ((int)(step / plan.StepsPerEpoch), (int)(step % plan.StepsPerEpoch));
        if (_orderEpoch != epoch)
        {
            (_orderEpoch, _order) = (epoch, plan.Order(epoch));
        }

        return (_order[plan.Batch(stepInEpoch)], epoch);
    }

    private SampleBatch Gather(int[] batch, int shard, int epoch)
    {
        var start = Stopwatch.GetTimestamp();
        var indices = batch.AsSpan(plan.Shard(firstShard + shard, batch.Length));
        var samples = SampleBatch.Gather(data, indices, device, augments ? (seed, epoch) : null, new SampleDraws(seed, epoch, indices.ToArray()));
        Interlocked.Add(ref _ticks, Stopwatch.GetTimestamp() - start);
        return samples;
    }
}
