using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.ClusterTests.Runs;

/// <summary>Promise P1: the weights follow from the spec, not from who computes.</summary>
[Collection(nameof(ClusterFixture))]
public sealed class WorkerInvisibilityTests(ClusterFixture cluster)
{
    [Theory]
    [InlineData("ce", "shard")]
    [InlineData("curvature+gradnorm", "shard")]
    [InlineData("curvature+gradnorm", "global")]
    public async Task Weights_AnyNumberOfWorkersAndThreads_AreTheSame(string loss, string batchNorm)
    {
        var spec = cluster.SmallSpec() with { Loss = loss, BatchNorm = batchNorm, LogicalShards = 4, BatchSize = 24 };

        var completed = new List<RunCompleted>();
        foreach (var (workers, threads) in new[] { (1, 1), (1, 3), (2, 1), (3, 1), (4, 2) })
        {
            completed.Add(await cluster.CompleteAsync(spec with { Workers = workers, ThreadsPerWorker = threads, OutputDirectory = cluster.NewFolder() }));
        }

        Assert.Single(completed.Select(run => (run.WeightsSha256, run.TestAccuracy, run.TestLoss, run.LossTerms)).Distinct());
        Assert.All(completed, run => Assert.Equal(2 * 64, run.Ranks.Sum(rank => rank.Samples)));
        Assert.Equal(0, completed[0].Ranks[0].BytesSent["memory"]);
        Assert.All(completed[2].Ranks, rank => Assert.True(rank.BytesSent["memory"] > 0));
    }

    /// <summary>Where a snapshot reads the state between two steps, nothing is prepared ahead for the second.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Weights_SnapshotAfterEveryStep_AreThoseWithoutOne(int workers)
    {
        var spec = cluster.SmallSpec() with { LogicalShards = 4, BatchSize = 12, BucketMegabytes = 0.02, Workers = workers };

        var seldom = await cluster.CompleteAsync(spec);
        var always = await cluster.CompleteAsync(spec with { SnapshotEvery = 1, OutputDirectory = cluster.NewFolder() });

        Assert.Equal((seldom.WeightsSha256, seldom.TestLoss, seldom.LossTerms), (always.WeightsSha256, always.TestLoss, always.LossTerms));
    }

    [Fact]
    public async Task Weights_AnotherSeed_AreOthers()
    {
        var first = await cluster.CompleteAsync(cluster.SmallSpec());
        var second = await cluster.CompleteAsync(cluster.SmallSpec() with { Seed = 2 });

        Assert.NotEqual(first.WeightsSha256, second.WeightsSha256);
    }

    [Fact]
    public async Task Weights_TwoRunsAtTheSameTime_AreThoseOfEachAlone()
    {
        var left = cluster.SmallSpec();
        var right = cluster.SmallSpec() with { Loss = "gradnorm", Seed = 3, Epochs = 3 };
        var alone = new[] { await cluster.CompleteAsync(left), await cluster.CompleteAsync(right) };

        var together = await Task.WhenAll(
            cluster.CompleteAsync(left with { OutputDirectory = cluster.NewFolder() }),
            cluster.CompleteAsync(right with { OutputDirectory = cluster.NewFolder() }));

        Assert.Equal(alone.Select(run => run.WeightsSha256), together.Select(run => run.WeightsSha256));
    }

    [Fact]
    public async Task TestLimit_OneOrTwoWorkers_LimitsEvaluationAndCurvatureAlone()
    {
        var spec = cluster.SmallSpec() with { Epochs = 1, CurvatureSamples = 120, CurvatureIterations = 1, TestLimit = 100 };

        var one = await cluster.CompleteAsync(spec with { Workers = 1 });
        var two = await cluster.CompleteAsync(spec with { Workers = 2, OutputDirectory = cluster.NewFolder() });
        var all = await cluster.CompleteAsync(spec with { TestLimit = 0, CurvatureSamples = 0, OutputDirectory = cluster.NewFolder() });

        Assert.Equal(100, one.CurvatureSamples);
        Assert.True(double.IsInteger(Math.Round(one.TestAccuracy * 100, 9)), "a hundredth of the samples is what one is worth");
        Assert.Equal((one.TestAccuracy, one.TestLoss, one.Curvature), (two.TestAccuracy, two.TestLoss, two.Curvature));
        Assert.NotEqual(all.TestLoss, one.TestLoss);
        Assert.Equal(all.WeightsSha256, one.WeightsSha256);
    }

    [Fact]
    public async Task Curvature_OneOrTwoWorkers_IsTheSame()
    {
        var spec = cluster.SmallSpec() with { Epochs = 1, CurvatureSamples = 120, CurvatureIterations = 2 };

        var one = await cluster.CompleteAsync(spec with { Workers = 1 });
        var two = await cluster.CompleteAsync(spec with { Workers = 2, OutputDirectory = cluster.NewFolder() });

        Assert.Equal(120, one.CurvatureSamples);
        Assert.True(double.IsFinite(one.Curvature));
        Assert.Equal(
            (one.Curvature, one.HessianNorm, one.GradNorm, one.RayleighHessianNorm),
            (two.Curvature, two.HessianNorm, two.GradNorm, two.RayleighHessianNorm));
    }
}
