using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.ClusterTests.Runs;

[Collection(nameof(ClusterFixture))]
public sealed class SlowWatchTests(ClusterFixture cluster)
{
    [Fact]
    public async Task Watch_ReadsNothingUntilTheRunIsOver_HoldsItUpForNothingAndMissesNothing()
    {
        var run = await cluster.Client.StartAsync(cluster.SmallSpec() with { TrainLimit = 1024, BatchSize = 8, Epochs = 3 }, TestContext.Current.CancellationToken);
        await using var slow = run.WatchAsync(0, TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await slow.MoveNextAsync());

        var others = await run.EventsAsync();
        var late = new List<RunEvent> { slow.Current };
        while (await slow.MoveNextAsync())
        {
            late.Add(slow.Current);
        }

        Assert.IsType<RunCompleted>(others[^1]);
        Assert.Equal(3 * 128, late.OfType<StepCompleted>().Count());
        Assert.Equal(others.Select(RunEventJson.Serialize), late.Select(RunEventJson.Serialize));
    }
}
