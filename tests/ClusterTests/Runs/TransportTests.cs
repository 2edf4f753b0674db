namespace Lcnn.Distributed.ClusterTests.Runs;

/// <summary>Promise P1: the weights do not depend on how parcels travel.</summary>
[Collection(nameof(ClusterFixture))]
public sealed class TransportTests(ClusterFixture cluster)
{
    [Theory]
    [InlineData("shard")]
    [InlineData("global")]
    public async Task Weights_OverMemoryStreamOrGrain_AreTheSame(string batchNorm)
    {
        var spec = cluster.SmallSpec() with { BatchNorm = batchNorm, Loss = "curvature+gradnorm", LogicalShards = 4, BatchSize = 24, Workers = 3, CurvatureSamples = 40, CurvatureIterations = 2 };

        var memory = await cluster.CompleteAsync(spec with { Transport = "memory" });
        var stream = await cluster.CompleteAsync(spec with { Transport = "stream", OutputDirectory = cluster.NewFolder() });
        var grain = await cluster.CompleteAsync(spec with { Transport = "grain", OutputDirectory = cluster.NewFolder() });

        Assert.Equal((memory.WeightsSha256, memory.Curvature), (stream.WeightsSha256, stream.Curvature));
        Assert.Equal((memory.WeightsSha256, memory.Curvature), (grain.WeightsSha256, grain.Curvature));
        Assert.All(memory.Ranks, rank => Assert.True(rank.BytesSent["memory"] > 0));
        Assert.All(stream.Ranks, rank => Assert.True(rank.BytesSent["stream"] > 0 && rank.BytesSent["memory"] == 0));
        Assert.All(grain.Ranks, rank => Assert.True(rank.BytesSent["grain"] > 0 && rank.BytesSent["memory"] == 0));
        Assert.Equal(memory.Ranks.Select(rank => rank.BytesSent["memory"]), stream.Ranks.Select(rank => rank.BytesSent["stream"]));
    }
}
