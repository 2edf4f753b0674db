using System.Diagnostics;
using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Operations;

namespace Lcnn.Distributed.Model.Training;

/// <summary>The samples of a rank's shards, step by step: those of the next step are gathered, and sent to a GPU, while one computes.</summary>
/// <remarks>Shards of a step may be taken on any threads. What is gathered follows from (seed, epoch, step) alone, whoever gathers it and when.</remarks>
public sealed class SampleSource : IDisposable
{
    private readonly ILabelledImages _data;
    private readonly ShardPlan _plan;
    private readonly ComputeDevice _device;
    private readonly long _seed;
    private readonly bool _augments;
    private readonly int _firstShard;
    private readonly long _totalSteps;
    private readonly GatherThreads _threads;
    private readonly Task<SampleBatch>?[] _ready;
    private readonly Task<SampleBatch>?[] _next;
    private long _nextStep = -1;
    private int _orderEpoch = -1;
    private int[] _order = [];
    private long _ticks;
    private long _waitedTicks;

    /// <summary>Nothing is gathered yet.</summary>
    /// <param name="data">What to train on.</param>
    /// <param name="plan">Of the run's steps.</param>
    /// <param name="device">Where they will be computed on.</param>
    /// <param name="seed">Of the run.</param>
    /// <param name="augments">Whether images are cropped and flipped at random.</param>
    /// <param name="firstShard">Of the rank.</param>
    /// <param name="shardCount">Of the rank.</param>
    /// <param name="totalSteps">Of the run.</param>
    /// <param name="threads">That gather at the same time.</param>
    public SampleSource(
        ILabelledImages data, ShardPlan plan, ComputeDevice device, long seed, bool augments, int firstShard, int shardCount, long totalSteps, int threads)
    {
        (_data, _plan, _device, _seed, _augments, _firstShard, _totalSteps) = (data, plan, device, seed, augments, firstShard, totalSteps);
        _threads = new GatherThreads(Math.Min(threads, shardCount));
        (_ready, _next) = (new Task<SampleBatch>?[shardCount], new Task<SampleBatch>?[shardCount]);
    }

    /// <summary>Time spent gathering, all threads together.</summary>
    public TimeSpan Time => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref _ticks));

    /// <summary>Time that computing threads waited for samples, all together.</summary>
    public TimeSpan Waited => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref _waitedTicks));

    /// <summary>Sets out on a step, and on gathering the next; by one thread, before its shards are taken.</summary>
    /// <returns>Samples of the whole batch, and what takes one of the rank's shards, once.</returns>
    public (int BatchCount, Func<int, SampleBatch> Take) Begin(long step)
    {
        if (_nextStep != step)
        {
            Drop(_next);
            Gather(step);
        }

        Drop(_ready);
        _next.CopyTo(_ready, 0);
        Array.Clear(_next);
        var batchCount = BatchOf(step).Batch.Length;
        if (step + 1 < _totalSteps)
        {
            Gather(step + 1);
        }

        return (batchCount, Take);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _threads.Dispose();
        Drop(_ready);
        Drop(_next);
    }

    private SampleBatch Take(int shard)
    {
        var start = Stopwatch.GetTimestamp();
        var samples = Interlocked.Exchange(ref _ready[shard], null)!.GetAwaiter().GetResult();
        Interlocked.Add(ref _waitedTicks, Stopwatch.GetTimestamp() - start);
        return samples;
    }

    private void Gather(long step)
    {
        var (batch, epoch) = BatchOf(step);
        for (var i = 0; i < _next.Length; i++)
        {
            var shard = i;
            _next[shard] = _threads.Run(() => Gather(batch, shard, epoch));
        }

        _nextStep = step;
    }

    private (int[] Batch, int Epoch) BatchOf(long step)
    {
        var (epoch, stepInEpoch) = ((int)(step / _plan.StepsPerEpoch), (int)(step % _plan.StepsPerEpoch));
        if (_orderEpoch != epoch)
        {
            (_orderEpoch, _order) = (epoch, _plan.Order(epoch));
        }

        return (_order[_plan.Batch(stepInEpoch)], epoch);
    }

    private SampleBatch Gather(int[] batch, int shard, int epoch)
    {
        var start = Stopwatch.GetTimestamp();
        var indices = batch.AsSpan(_plan.Shard(_firstShard + shard, batch.Length));
        var samples = SampleBatch.Gather(_data, indices, _device, _augments ? (_seed, epoch) : null, new SampleDraws(_seed, epoch, indices.ToArray()));
        Interlocked.Add(ref _ticks, Stopwatch.GetTimestamp() - start);
        return samples;
    }

    // What nobody took, as when a step failed or a run ends early. One that failed holds nothing.
    private static void Drop(Task<SampleBatch>?[] untaken)
    {
        foreach (var samples in untaken.OfType<Task<SampleBatch>>())
        {
            samples.ContinueWith(gathered => gathered.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        Array.Clear(untaken);
    }
}
