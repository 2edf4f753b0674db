using Lcnn.Distributed.Contracts.Runs;
using static TorchSharp.torch;

namespace Lcnn.Distributed.ClusterTests.Runs;

/// <summary>The number of live tensors is of the whole process: the collection runs one test at a time.</summary>
[Collection(nameof(ClusterFixture))]
public sealed class TensorReleaseTests(ClusterFixture cluster)
{
    [Fact]
    public async Task Tensors_AfterACompletedRun_AreReleased()
    {
        var before = TensorsWithoutGarbage();

        await cluster.CompleteAsync(cluster.SmallSpec() with { CurvatureSamples = 60, CurvatureIterations = 1 });

        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public async Task Tensors_AfterACancelledRun_AreReleased()
    {
        var before = TensorsWithoutGarbage();
        var run = await cluster.Client.StartAsync(cluster.EndlessSpec(), TestContext.Current.CancellationToken);
        await run.FirstAsync<StepCompleted>();

        await run.CancelAsync("test", TestContext.Current.CancellationToken);

        Assert.IsType<RunCancelled>(await run.EndAsync());
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public async Task Tensors_AfterACancelBeforeTheFirstStep_AreReleased()
    {
        var id = "left-before-it-began";
        using var gate = cluster.Gates.Hold(id, "BeginAsync");
        var before = TensorsWithoutGarbage();
        var run = await cluster.StartAsync(id, cluster.EndlessSpec());
        await gate.Reached;
        Assert.True(Tensor.TotalCount > before);

        await run.CancelAsync("test", TestContext.Current.CancellationToken);

        Assert.IsType<RunCancelled>(await run.EndAsync());
        Assert.Equal(before, Tensor.TotalCount);
    }

    // What earlier tests left to the finalizers is not this test's.
    private static long TensorsWithoutGarbage()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return Tensor.TotalCount;
    }
}
