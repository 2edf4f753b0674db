using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.ClusterTests.Runs;

[Collection(nameof(ClusterFixture))]
public sealed class CancelTests(ClusterFixture cluster)
{
    [Fact]
    public async Task Cancel_MidRun_LeavesASnapshotThatResumesToTheSameWeights()
    {
        var run = await cluster.Client.StartAsync(cluster.EndlessSpec(), TestContext.Current.CancellationToken);
        await run.FirstAsync<StepCompleted>(step => step.Step == 3);

        await run.CancelAsync("the test has seen enough", TestContext.Current.CancellationToken);

        var cancelled = Assert.IsType<RunCancelled>(await run.EndAsync());
        Assert.Equal("the test has seen enough", cancelled.Reason);
        Assert.True(Directory.Exists(cancelled.Snapshot));
        Assert.True(cancelled.Step >= 3);
        Assert.Equal(RunPhase.Cancelled, (await run.GetStatusAsync(TestContext.Current.CancellationToken)).Phase);
        var whole = cluster.SmallSpec() with { Epochs = (int)(cancelled.Step / 2) + 2 };
        var resumed = await cluster.CompleteAsync(whole with { ResumeFrom = cancelled.Snapshot, OutputDirectory = cluster.NewFolder() });
        Assert.Equal((await cluster.CompleteAsync(whole)).WeightsSha256, resumed.WeightsSha256);
        Assert.Equal(whole.Epochs * 64, resumed.Ranks.Sum(rank => rank.Samples));
    }

    [Fact]
    public async Task Cancel_Twice_IsOneEnd()
    {
        var run = await cluster.Client.StartAsync(cluster.EndlessSpec(), TestContext.Current.CancellationToken);
        await run.FirstAsync<StepCompleted>();

        await Task.WhenAll(
            run.CancelAsync("first", TestContext.Current.CancellationToken),
            run.CancelAsync("second", TestContext.Current.CancellationToken));

        var events = await run.EventsAsync();
        Assert.IsType<RunCancelled>(Assert.Single(events, runEvent => runEvent.IsFinal));
        await run.CancelAsync("third", TestContext.Current.CancellationToken);
        Assert.Equal(events[^1].Sequence, (await run.GetStatusAsync(TestContext.Current.CancellationToken)).LastSequence);
    }

    [Fact]
    public async Task Cancel_StopOnItsWay_StatusIsStopping()
    {
        var id = "stopping";
        using var gate = cluster.Gates.Hold(id, "StopAsync");
        var run = await cluster.StartAsync(id, cluster.EndlessSpec());
        await run.FirstAsync<StepCompleted>();

        var cancel = run.CancelAsync("test", TestContext.Current.CancellationToken);

        await gate.Reached;
        Assert.Equal(RunPhase.Stopping, (await run.GetStatusAsync(TestContext.Current.CancellationToken)).Phase);
        gate.Dispose();
        await cancel;
        Assert.IsType<RunCancelled>(await run.EndAsync());
    }

    [Fact]
    public async Task Cancel_TheCallToTheWorkerIsLost_IsRepeated()
    {
        var id = "stop-lost";
        var run = await cluster.StartAsync(id, cluster.EndlessSpec());
        await run.FirstAsync<StepCompleted>();
        cluster.Gates.Lose(id, "StopAsync", 1);

        await run.CancelAsync("test", TestContext.Current.CancellationToken);

        Assert.Equal("test", Assert.IsType<RunCancelled>(await run.EndAsync()).Reason);
    }

    [Theory]
    [InlineData("JoinAsync")]
    [InlineData("BeginAsync")]
    public async Task Cancel_WhileStarting_EndsWithoutASnapshot(string heldCall)
    {
        var id = $"cancelled-at-{heldCall}";
        using var gate = cluster.Gates.Hold(id, heldCall);
        var run = await cluster.StartAsync(id, cluster.EndlessSpec());
        await gate.Reached;

        await run.CancelAsync("never mind", TestContext.Current.CancellationToken);

        var cancelled = Assert.IsType<RunCancelled>(await run.EndAsync());
        Assert.Equal(("never mind", 0L, null), (cancelled.Reason, cancelled.Step, cancelled.Snapshot));
    }

    [Fact]
    public async Task Cancel_WhileCurvatureIsMeasured_KeepsTheFinalSnapshot()
    {
        var spec = cluster.SmallSpec() with { CurvatureSamples = 360, CurvatureIterations = 200 };
        var run = await cluster.Client.StartAsync(spec, TestContext.Current.CancellationToken);
        await run.FirstAsync<SnapshotCommitted>(snapshot => snapshot.Step == 4);

        await run.CancelAsync("enough", TestContext.Current.CancellationToken);

        var cancelled = Assert.IsType<RunCancelled>(await run.EndAsync());
        Assert.Equal(4, cancelled.Step);
        Assert.True(Directory.Exists(cancelled.Snapshot));
    }
}
