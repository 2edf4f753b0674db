using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.UnitTests.Checkpoints;

namespace Lcnn.Distributed.ClusterTests.Runs;

[Collection(nameof(ClusterFixture))]
public sealed class FullDiskTests(ClusterFixture cluster)
{
    [Fact]
    public async Task Run_DiskFillsUp_WarnsTrainsOnAndKeepsTheLastSnapshot()
    {
        using var disk = new SmallDisk("16m");
        var run = await cluster.Client.StartAsync(cluster.EndlessSpec() with { OutputDirectory = disk.Path }, TestContext.Current.CancellationToken);
        var kept = await run.FirstAsync<SnapshotCommitted>();

        var warning = (RunWarning)await run.FirstAsync<RunEvent>(runEvent =>
        {
            // Again after each, because an older one may have made room.
            if (runEvent is SnapshotCommitted)
            {
                disk.Fill();
            }

            return runEvent is RunWarning { Message: var message } && message.Contains("no snapshot could be written", StringComparison.Ordinal);
        });
        var usable = SnapshotStore.FindNewest(disk.Path, damage => Assert.Fail(damage)).Step;
        await run.FirstAsync<StepCompleted>(step => step.Sequence > warning.Sequence);
        disk.MakeRoom();
        await run.FirstAsync<SnapshotCommitted>(snapshot => snapshot.Sequence > warning.Sequence);
        await run.CancelAsync("test", TestContext.Current.CancellationToken);

        Assert.IsType<RunCancelled>(await run.EndAsync());
        Assert.Contains(disk.Path, warning.Message, StringComparison.Ordinal);
        Assert.True(usable >= kept.Step);
    }

    [Fact]
    public async Task Cancel_DiskIsFull_EndsAsCancelledWithTheLastSnapshot()
    {
        using var disk = new SmallDisk("16m");
        var (run, kept) = await StartAndFillAsync(disk);

        await run.CancelAsync("test", TestContext.Current.CancellationToken);

        var events = await run.EventsAsync();
        var cancelled = Assert.IsType<RunCancelled>(events[^1]);
        Assert.Equal(("test", kept.Path), (cancelled.Reason, cancelled.Snapshot));
        Assert.Contains(events.OfType<RunWarning>(), warning => warning.Message.Contains("no snapshot could be written", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Drain_DiskIsFull_GoesOnFromTheLastSnapshot()
    {
        using var disk = new SmallDisk("16m");
        var (run, kept) = await StartAndFillAsync(disk);
        var silo = (await run.FirstAsync<RunStarted>()).Ranks[0].Silo;

        await cluster.Grains.GetGrain<IWorkerReports>(run.Id).DrainAsync(silo, TestContext.Current.CancellationToken);

        var change = await run.FirstAsync<GenerationChanged>();
        Assert.Equal((2, kept.Step), (change.Generation, change.FromStep));
        await run.FirstAsync<StepCompleted>(step => step.Sequence > change.Sequence);
        await run.CancelAsync("test", TestContext.Current.CancellationToken);
        Assert.IsType<RunCancelled>(await run.EndAsync());
    }

    // Snapshots are rare, so that none makes room behind the test's back.
    private async Task<(IRunHandle Run, SnapshotCommitted Kept)> StartAndFillAsync(SmallDisk disk)
    {
        var run = await cluster.Client.StartAsync(
            cluster.EndlessSpec() with { OutputDirectory = disk.Path, SnapshotEvery = 100 }, TestContext.Current.CancellationToken);
        var kept = await run.FirstAsync<SnapshotCommitted>();
        disk.Fill();
        return (run, kept);
    }
}
