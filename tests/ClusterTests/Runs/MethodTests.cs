using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Checkpoints;

namespace Lcnn.Distributed.ClusterTests.Runs;

/// <summary>Promises P1 and P2 for the methods whose steps have passes of their own.</summary>
[Collection(nameof(ClusterFixture))]
public sealed class MethodTests(ClusterFixture cluster)
{
    [Theory]
    [InlineData("cure", "shard", "authors")]
    [InlineData("adversarial", "global", "authors")]
    [InlineData("adversarial", "shard", "standard")]
    public async Task Weights_AnyNumberOfWorkersOrResumed_AreTheSame(string method, string batchNorm, string attack)
    {
        var spec = TrainingMethods.Find(method)!.Apply(cluster.SmallSpec()) with { LogicalShards = 4, BatchSize = 24, BucketMegabytes = 0.02, Workers = 1, BatchNorm = batchNorm, Attack = attack };
        var first = await cluster.CompleteAsync(spec with { SnapshotEvery = 1, KeepSnapshots = 20 });

        var others = new List<RunCompleted>();
        foreach (var (workers, transport) in new[] { (2, "memory"), (3, "stream") })
        {
            others.Add(await cluster.CompleteAsync(spec with { Workers = workers, Transport = transport, OutputDirectory = cluster.NewFolder() }));
        }

        var middle = SnapshotStore.List(first.Spec.OutputDirectory).Single(name => name.Step == 2);
        others.Add(await cluster.CompleteAsync(first.Spec with { ResumeFrom = Path.Combine(first.Spec.OutputDirectory, middle.ToString()), Workers = 2 }));

        Assert.Equal(method, first.Spec.Loss);
        Assert.All(others, run => Assert.Equal((first.WeightsSha256, first.TestLoss), (run.WeightsSha256, run.TestLoss)));
    }

    // The attack in use is the one that was asked for.
    [Fact]
    public async Task Adversarial_AnotherRadius_GivesOtherWeights()
    {
        var spec = TrainingMethods.Find("adversarial")!.Apply(cluster.SmallSpec());

        var near = await cluster.CompleteAsync(spec);
        var far = await cluster.CompleteAsync(spec with { AttackRadius = 1, OutputDirectory = cluster.NewFolder() });

        Assert.NotEqual(near.WeightsSha256, far.WeightsSha256);
    }
}
