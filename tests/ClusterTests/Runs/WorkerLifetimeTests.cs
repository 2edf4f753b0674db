using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Grains;

namespace Lcnn.Distributed.ClusterTests.Runs;

[Collection(nameof(ClusterFixture))]
public sealed class WorkerLifetimeTests(ClusterFixture cluster)
{
    [Fact]
    public async Task Ping_OfAWorkerThatNeverJoined_LeavesNoneBehind()
    {
        var worker = cluster.Grains.GetGrain<IWorkerGrain>(GrainKeys.Worker("nobody", 1, 0, cluster.Silo));

        var pulse = await worker.PingAsync(TestContext.Current.CancellationToken);

        Assert.Equal(Guid.Empty, pulse.Incarnation);
        await cluster.GoneAsync(worker);
    }
}
