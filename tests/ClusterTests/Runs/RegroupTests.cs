using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Workers;

namespace Lcnn.Distributed.ClusterTests.Runs;

[Collection(nameof(ClusterFixture))]
public sealed class RegroupTests(ClusterFixture cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Worker_SilentAsItHasForgottenItsPart_IsReplaced()
    {
        var id = "forgetful";
        var run = await cluster.StartAsync(id, cluster.EndlessSpec());
        await run.FirstAsync<StepCompleted>();

        cluster.Gates.Answer(id, nameof(IWorkerGrain.PingAsync), () => new WorkerPulse());
        cluster.Gates.Lose(id, nameof(IWorkerReports.ReportAliveAsync), int.MaxValue);

        var change = await run.FirstAsync<GenerationChanged>();
        Assert.Matches("^rank 0 on .+ was lost at step .+: its process has forgotten it$", change.Reason);
        await run.CancelAsync("seen enough", Token);
        Assert.IsType<RunCancelled>(await run.EndAsync());
    }

    [Fact]
    public async Task Regroup_NextWorkersComputeOtherBits_TheirSiloIsLeftOutAndTheRunWaits()
    {
        var id = "other-bits";
        var run = await cluster.StartAsync(id, cluster.EndlessSpec());
        await run.FirstAsync<SnapshotCommitted>();
        cluster.Gates.Answer(id, "JoinAsync", () => new WorkerJoined { Fingerprint = "others" });

        await cluster.Grains.GetGrain<IWorkerReports>(id).DrainAsync(cluster.Silo, Token);

        var waiting = await run.FirstAsync<RunWaiting>();
        Assert.EndsWith($"left out are {cluster.Silo}", waiting.Reason, StringComparison.Ordinal);
        var warning = await run.FirstAsync<RunWarning>();
        Assert.StartsWith($"silo {cluster.Silo} is left out: ranks 0, 0 have another libtorch, device, data set or operation than the run began with", warning.Message, StringComparison.Ordinal);
        Assert.Equal(RunPhase.Waiting, (await run.GetStatusAsync(Token)).Phase);
        await run.CancelAsync("seen enough", Token);
        var cancelled = Assert.IsType<RunCancelled>(await run.EndAsync());
        Assert.True(Directory.Exists(cancelled.Snapshot));
    }
}
