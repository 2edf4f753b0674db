using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Model.Training;
using Lcnn.Distributed.UnitTests.Training;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Grains.Collectives;

[Collection(nameof(TensorCount))]
public sealed class SharedSumsTests
{
    private const int Shards = 8;

    private static readonly ParcelKey _key = new(ParcelKind.Gradients, Step: 3, Part: 1);

    /// <summary>Ranks 1 and 2 of three: shards 2 to 7, which are the subtrees (1, 1) and (2, 1).</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Add_TheLastOfTheRanks_GetsTheSumsOfAllAlongTheTree(int first)
    {
        using var shared = new SharedSums();
        KeyValuePair<TreeNode, SubtreeSum>[][] ranks = [SumsOf(2..5), SumsOf(5..8)];

        Assert.Null(shared.Add(0, _key, 2, Shards, ranks[first]));
        var sums = shared.Add(0, _key, 2, Shards, ranks[1 - first]);

        Assert.NotNull(sums);
        Assert.Equal([new TreeNode(1, 1), new TreeNode(2, 1)], sums.Select(sum => sum.Key));
        var expected = SumsOf(2..8);
        Assert.Equal(expected.SelectMany(Numbers), sums.SelectMany(Numbers));
        Assert.Equal(expected.Select(sum => sum.Value.Terms), sums.Select(sum => sum.Value.Terms));
        Array.ForEach([.. sums, .. expected], sum => sum.Value.Dispose());
    }

    [Fact]
    public void Add_OtherBucketsAndOtherRanks_AreApart()
    {
        using var shared = new SharedSums();

        Assert.Null(shared.Add(0, _key, 2, Shards, SumsOf(0..4)));
        Assert.Null(shared.Add(0, _key with { Part = 2 }, 2, Shards, SumsOf(0..4)));
        Assert.Null(shared.Add(1, _key, 2, Shards, SumsOf(0..4)));
    }

    [Fact]
    public void Dispose_RanksAreMissing_LeavesNoTensor()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = Tensor.TotalCount;
        var shared = new SharedSums();
        Assert.Null(shared.Add(0, _key, 3, Shards, SumsOf(2..5)));
        Assert.Null(shared.Add(0, _key, 3, Shards, SumsOf(5..6)));

        shared.Dispose();

        Assert.Equal(before, Tensor.TotalCount);
    }

    // Numbers whose sum depends on its order, one of each sign and size.
    private static KeyValuePair<TreeNode, SubtreeSum>[] SumsOf(Range shards)
    {
        var tree = new SummationTree<SubtreeSum>(Shards, SubtreeSum.Combine);
        for (var shard = shards.Start.Value; shard < shards.End.Value; shard++)
        {
            using var scope = NewDisposeScope();
            using var draws = new Generator((ulong)shard);
            tree.Add(TreeNode.Leaf(shard), new SubtreeSum(
                [KeyValuePair.Create(4, new LayerGradient([(randn(1000, generator: draws) * Math.Pow(10, shard)).DetachFromDisposeScope()], null))],
                new BatchTerms(0.1 * shard, 0, shard, 1)));
        }

        return [.. tree.Subtrees];
    }

    private static IEnumerable<float> Numbers(KeyValuePair<TreeNode, SubtreeSum> sum) =>
        sum.Value.Layers.SelectMany(layer => layer.Value.OfParameters[0].data<float>().ToArray());
}
