using CsCheck;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.UnitTests.Training;

public sealed class SummationTreeTests
{
    [Fact]
    public void Total_AnyOrderOfAdding_HasTheSameBits() =>
        Gen.Select(Shards, Gen.Int).Sample((shards, seed) =>
        {
            var values = Values(shards, seed);
            var order = Enumerable.Range(0, shards).ToArray();
            new Random(seed).Shuffle(order);

            var sum = new SummationTree<float>(shards, Add);
            Array.ForEach(order, shard => sum.Add(TreeNode.Leaf(shard), values[shard]));

            Assert.Equal(BitConverter.SingleToUInt32Bits(InOrder(values)), BitConverter.SingleToUInt32Bits(sum.Total));
        });

    [Fact]
    public void Total_AnySplitOverRanks_HasTheSameBits() =>
        Gen.Select(Shards, Gen.Int[1, 16], Gen.Int).Where((shards, ranks, _) => ranks <= shards).Sample((shards, ranks, seed) =>
        {
            var values = Values(shards, seed);
            var parts = Enumerable.Range(0, ranks).SelectMany(rank => SubtreesOf(rank, ranks, shards, values)).ToArray();
            new Random(seed).Shuffle(parts);

            var owner = new SummationTree<float>(shards, Add);
            Array.ForEach(parts, part => owner.Add(part.Key, part.Value));

            Assert.True(owner.IsComplete);
            Assert.Equal(BitConverter.SingleToUInt32Bits(InOrder(values)), BitConverter.SingleToUInt32Bits(owner.Total));
            // design.md, P1: at most log2(V) subtrees on each side of a range.
            Assert.True(parts.Length <= ranks * Math.Max(1, 2 * Math.Log2(shards)), $"{parts.Length} subtrees");
        });

    [Fact]
    public void Total_AShardMissing_IsRefused()
    {
        var sum = new SummationTree<float>(4, Add);
        sum.Add(TreeNode.Leaf(0), 1);
        sum.Add(TreeNode.Leaf(3), 1);

        Assert.False(sum.IsComplete);
        Assert.Throws<InvalidOperationException>(() => sum.Total);
    }

    private static Gen<int> Shards { get; } = Gen.Int[0, 5].Select(level => 1 << level);

    private static float Add(float left, float right) => left + right;

    private static float[] Values(int shards, int seed)
    {
        var draws = new Random(seed);
        return [.. Enumerable.Range(0, shards).Select(_ => (float)((draws.NextDouble() - 0.5) * Math.Pow(10, draws.Next(-3, 6))))];
    }

    // The tree written out: halves of halves.
    private static float InOrder(ReadOnlySpan<float> values) =>
        values.Length == 1 ? values[0] : InOrder(values[..(values.Length / 2)]) + InOrder(values[(values.Length / 2)..]);

    private static IReadOnlyList<KeyValuePair<TreeNode, float>> SubtreesOf(int rank, int ranks, int shards, float[] values)
    {
        var sum = new SummationTree<float>(shards, Add);
        var (start, count) = ShardPlan.ShardsOf(rank, ranks, shards).GetOffsetAndLength(shards);
        for (var shard = start; shard < start + count; shard++)
        {
            sum.Add(TreeNode.Leaf(shard), values[shard]);
        }

        return sum.Subtrees;
    }
}
