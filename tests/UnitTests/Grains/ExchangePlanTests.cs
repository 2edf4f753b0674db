using Lcnn.Distributed.Grains.Workers;
using Lcnn.Distributed.Model.Networks;

namespace Lcnn.Distributed.UnitTests.Grains;

public sealed class ExchangePlanTests
{
    private const long BucketBytes = 1_000_000;

    [Theory]
    [InlineData("resnet8-lcnn", 3)]
    [InlineData("resnet18-lcnn", 8)]
    [InlineData("resnet18-lcnn", 100)]
    public void Plan_EveryLayer_IsSummedAndPreparedByItsOwnerInOneBucket(string architecture, int worldSize)
    {
        var network = Architectures.Build(architecture, new ImageShape(3, 32, 32), 10);

        var plan = new ExchangePlan(network, worldSize, 128, BucketBytes);

        var parts = (from bucket in Enumerable.Range(0, plan.Buckets.Count)
                     from rank in Enumerable.Range(0, worldSize)
                     from layer in plan.LayersOf(bucket, rank)
                     select (bucket, rank, layer)).ToList();
        Assert.Equal(Enumerable.Range(0, network.Layers.Count), parts.Select(part => part.layer).Order());
        Assert.All(parts, part => Assert.Equal(plan.Owners[part.layer], part.rank));
        Assert.All(parts, part => Assert.True(plan.IsSummedBy(part.rank, part.bucket) && plan.IsPreparedBy(part.rank, part.bucket)));
    }

    /// <summary>Only the leading rank has parcels without layers: the terms of the loss come to it and the wish to stop from it.</summary>
    [Fact]
    public void Plan_RankWithoutLayers_HasNoPartInTheExchangeUnlessItLeads()
    {
        var network = Architectures.Build("resnet8-lcnn", new ImageShape(1, 28, 28), 10);
        var plan = new ExchangePlan(network, 64, 64, BucketBytes);
        var idle = Enumerable.Range(1, 63).Where(rank => !plan.LayersOf(rank).Any()).ToList();

        Assert.NotEmpty(idle);
        Assert.DoesNotContain(idle, rank => Enumerable.Range(0, plan.Buckets.Count).Any(bucket => plan.IsSummedBy(rank, bucket) || plan.IsPreparedBy(rank, bucket)));
        Assert.True(plan.IsSummedBy(0, 0));
        Assert.True(plan.IsPreparedBy(0, plan.Buckets.Count - 1));
    }
}
