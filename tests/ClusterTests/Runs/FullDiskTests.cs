using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Model.Checkpoints;
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
}
