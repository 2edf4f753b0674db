using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Grains;
using Lcnn.Distributed.Grains.Runs;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace Lcnn.Distributed.ClusterTests.Runs;

[Collection(nameof(ClusterFixture))]
public sealed class SupersededTests(ClusterFixture cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Coordinator_AnotherHasWritten_GivesWayToOneThatGoesOnFromThere()
    {
        var run = await cluster.Client.StartAsync(cluster.EndlessSpec(), Token);
        var last = await run.FirstAsync<SnapshotCommitted>();

        await WriteElsewhereAsync(run.Id);

        var step = (await run.GetStatusAsync(Token)).Step + 40; // each second one is committed
        await run.FirstAsync<StepCompleted>(made => made.Step >= step);
        var record = (await ReadAsync(run.Id)).State!;
        Assert.Equal((41, 1), (record.RecoveryCount, record.Generation));
        Assert.True(record.CommittedSnapshot?.Step > last.Step);
        await run.CancelAsync("seen enough", Token);
        Assert.IsType<RunCancelled>(await run.EndAsync());
    }

    [Fact]
    public async Task Coordinator_TakesOverAndTheWorkersAreGone_CountsARecovery()
    {
        var id = "gone-with-their-coordinator";
        var run = await cluster.StartAsync(id, cluster.EndlessSpec());
        await run.FirstAsync<SnapshotCommitted>();
        cluster.Gates.Answer(id, nameof(IWorkerGrain.PingAsync), () => new WorkerPulse());

        await WriteElsewhereAsync(id);

        var change = await run.FirstAsync<GenerationChanged>();
        Assert.Equal((2, "ranks 0, 1 were lost together with the coordinator"), (change.Generation, change.Reason));
        var record = (await ReadAsync(id)).State!;
        Assert.Equal((42, 1, 0), (record.RecoveryCount, record.RecoveriesAtStep, record.SiloLossesAtStep));
        await run.CancelAsync("seen enough", Token);
        Assert.IsType<RunCancelled>(await run.EndAsync());
    }

    [Fact]
    public async Task Coordinator_TakesOverAndNoWorkerAnswersAtOnce_KeepsTheGeneration()
    {
        var id = "slow-to-answer-their-coordinator";
        var run = await cluster.StartAsync(id, cluster.EndlessSpec());
        await run.FirstAsync<SnapshotCommitted>();
        cluster.Gates.Lose(id, nameof(IWorkerGrain.PingAsync), 2);

        await WriteElsewhereAsync(id);

        var step = (await run.GetStatusAsync(Token)).Step + 40;
        await run.FirstAsync<StepCompleted>(made => made.Step >= step);
        var record = (await ReadAsync(id)).State!;
        Assert.Equal((41, 1), (record.RecoveryCount, record.Generation));
        await run.CancelAsync("seen enough", Token);
        Assert.IsType<RunCancelled>(await run.EndAsync());
    }

    private async Task WriteElsewhereAsync(string id)
    {
        while (true)
        {
            var stored = await ReadAsync(id);
            stored.State = stored.State! with { Number = stored.State.Number + 1, WriteId = Guid.NewGuid(), RecoveryCount = 41 };
            try
            {
                await Storage.WriteStateAsync("run", IdOf(id), stored);
                return;
            }
            catch (InconsistentStateException)
            {
                // The coordinator has written in between.
            }
        }
    }

    private async Task<GrainState<RunRecord>> ReadAsync(string id)
    {
        var stored = new GrainState<RunRecord>();
        await Storage.ReadStateAsync("run", IdOf(id), stored);
        return stored;
    }

    private IGrainStorage Storage => cluster.SiloServices.GetRequiredKeyedService<IGrainStorage>(GrainStorageNames.Lcnn);

    private GrainId IdOf(string id) => cluster.Grains.GetGrain<IRunCoordinatorGrain>(id).GetGrainId();
}
