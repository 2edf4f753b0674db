using CsCheck;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.UnitTests.Training;

public sealed class ShardPlanTests
{
    private static Gen<(int Samples, int Batch, int Shards)> Sizes { get; } =
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 200], Gen.Int[0, 1000]).Select((level, moreInBatch, moreSamples) =>
        {
            var shards = 1 << level;
            var batch = (2 * shards) + moreInBatch;
            return (batch + moreSamples, batch, shards);
        });

    [Fact]
    public void Batches_OfAnEpoch_CoverEverySampleOnce() => Sizes.Sample(sizes =>
    {
        var plan = new ShardPlan(sizes.Samples, sizes.Batch, sizes.Shards, seed: 1);

        var next = 0;
        for (var step = 0; step < plan.StepsPerEpoch; step++)
        {
            var (start, count) = plan.Batch(step).GetOffsetAndLength(sizes.Samples);
            Assert.Equal(next, start);
            next = start + count;
        }

        Assert.Equal(sizes.Samples, next);
    });

    [Fact]
    public void LastBatch_WithARemainderUnderTwoPerShard_JoinsTheBatchBefore() => Sizes.Sample(sizes =>
    {
        var plan = new ShardPlan(sizes.Samples, sizes.Batch, sizes.Shards, seed: 1);
        var (_, count) = plan.Batch(plan.StepsPerEpoch - 1).GetOffsetAndLength(sizes.Samples);
        var remainder = sizes.Samples % sizes.Batch;

        Assert.Equal(remainder == 0 ? sizes.Batch : remainder < 2 * sizes.Shards ? sizes.Batch + remainder : remainder, count);
    });

    [Fact]
    public void Shards_OfEveryBatch_CoverItInOrderWithTwoSamplesAtLeast() => Sizes.Sample(sizes =>
    {
        var plan = new ShardPlan(sizes.Samples, sizes.Batch, sizes.Shards, seed: 1);
        for (var step = 0; step < plan.StepsPerEpoch; step++)
        {
            var (_, batch) = plan.Batch(step).GetOffsetAndLength(sizes.Samples);
            var next = 0;
            for (var shard = 0; shard < sizes.Shards; shard++)
            {
                var (start, count) = plan.Shard(shard, batch).GetOffsetAndLength(batch);
                Assert.Equal(next, start);
                Assert.True(count >= 2, $"shard {shard} of {sizes} has {count} samples");
                next = start + count;
            }

            Assert.Equal(batch, next);
        }
    });

    [Fact]
    public void Ranks_OfAnyWorldSize_CoverEveryShardEvenly() =>
        Gen.Select(Gen.Int[0, 6].Select(level => 1 << level), Gen.Int[1, 64]).Where((shards, world) => world <= shards).Sample((shards, world) =>
        {
            var ranges = Enumerable.Range(0, world).Select(rank => ShardPlan.ShardsOf(rank, world, shards).GetOffsetAndLength(shards)).ToList();

            Assert.Equal(Enumerable.Range(0, shards), ranges.SelectMany(range => Enumerable.Range(range.Offset, range.Length)));
            Assert.InRange(ranges.Max(range => range.Length) - ranges.Min(range => range.Length), 0, 1);
        });

    [Fact]
    public void Order_OfAnEpoch_IsAPermutationThatSeedAndEpochAloneDecide()
    {
        var order = new ShardPlan(1000, 64, 4, seed: 5).Order(epoch: 2);

        Assert.Equal(Enumerable.Range(0, 1000), order.Order());
        Assert.Equal(order, new ShardPlan(1000, 128, 8, seed: 5).Order(epoch: 2));
        Assert.NotEqual(order, new ShardPlan(1000, 64, 4, seed: 5).Order(epoch: 3));
        Assert.NotEqual(order, new ShardPlan(1000, 64, 4, seed: 6).Order(epoch: 2));
    }
}
