using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Operations;
using Lcnn.Distributed.Model.Training;
using Lcnn.Distributed.UnitTests.Golden;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Training;

/// <summary>Shards that halt together, when one of them, the sums or the run's end comes between: an exception, and nothing is held.</summary>
[CollectionDefinition(nameof(LockstepTests), DisableParallelization = true)]
[Collection(nameof(LockstepTests))]
public sealed class LockstepTests
{
    private const int Shards = 4;
    private const int Count = 8;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Run_OneShardFailsBetweenPasses_EndsWithItsErrorAndCanRunAgain(int threads)
    {
        using var one = new OneThread();
        using var trainer = SmallNetwork.Trained(Precision.Full);
        using var computation = Computation(trainer);
        using var pool = new ComputeThreads(threads, "test");

        var refused = Assert.Throws<LibtorchException>(() => Run(computation, pool, label: shard => shard == 2 ? 99 : 0));

        Assert.StartsWith("libtorch failed in the loss: Target 99 is out of bounds", refused.Message, StringComparison.Ordinal);
        Assert.Equal(Shards * computation.Buckets.Count, Run(computation, pool, label: _ => 0));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(3, 0)]
    [InlineData(3, 12)]
    public void Run_CancelledAtAHalt_Ends(int threads, int halt)
    {
        using var one = new OneThread();
        using var trainer = SmallNetwork.Trained(Precision.Full);
        using var computation = Computation(trainer);
        using var stop = new CancellationTokenSource();
        using var pool = new ComputeThreads(threads, "test", cancellationToken: stop.Token);

        Assert.ThrowsAny<OperationCanceledException>(() => Run(computation, pool, label: _ => 0, at =>
        {
            if (at == halt)
            {
                stop.Cancel();
            }
        }));
    }

    [Theory]
    [InlineData(12)]
    [InlineData(18)] // in the last pass, some gradients of which are there
    public void Run_SumsOfOtherRanksDoNotCome_ReleasesEveryTensor(int last)
    {
        using var one = new OneThread();
        using var trainer = SmallNetwork.Trained(Precision.Full);
        using var computation = Computation(trainer);
        using var pool = new ComputeThreads(1, "test");
        Run(computation, pool, label: _ => 0);
        GC.Collect(); // what earlier tests left
        GC.WaitForPendingFinalizers();
        var before = Tensor.TotalCount;

        Assert.Throws<TimeoutException>(() => Run(computation, pool, label: _ => 0, halt =>
        {
            if (halt == last)
            {
                throw new TimeoutException();
            }
        }));

        Assert.Equal(before, Tensor.TotalCount);
    }

    private static ShardComputation Computation(LocalTrainer trainer) => new(
        trainer.Network, SmallNetwork.Objective with { Kind = LossKind.CurvatureAndGradientNorm }, trainer.Evaluate(), Shards * Count, Normalization.Global);

    // How many buckets were handed over.
    private static int Run(ShardComputation computation, ComputeThreads pool, Func<int, long> label, Action<int>? halted = null)
    {
        var buckets = 0;
        new Lockstep(Normalization.Global, pool.Run, Total).Run(Shards, shard =>
        {
            using var scope = NewDisposeScope();
            using var draws = new Generator((ulong)shard);
            return computation.Begin(
                new SampleBatch(randn([Count, 2, 8, 8], generator: draws), full(Count, label(shard), dtype: ScalarType.Int64)),
                (_, gradient) =>
                {
                    gradient.Dispose();
                    Interlocked.Increment(ref buckets);
                });
        });
        return buckets;

        NormShare[] Total(int halt, IReadOnlyList<NormShare[]> shares)
        {
            halted?.Invoke(halt);
            return SummationTree.Total(shares, NormShare.Merge);
        }
    }
}
