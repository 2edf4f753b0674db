using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.ClusterTests.Runs;

[Collection(nameof(ClusterFixture))]
public sealed class WatchTests(ClusterFixture cluster)
{
    [Fact]
    public async Task Watch_FromStartToEnd_EventsAreNumberedFromOneAndInOrder()
    {
        var run = await cluster.Client.StartAsync(cluster.SmallSpec(), TestContext.Current.CancellationToken);

        var events = await run.EventsAsync();

        Assert.Equal(Enumerable.Range(1, events.Count).Select(number => (long)number), events.Select(runEvent => runEvent.Sequence));
        Assert.All(events, runEvent => Assert.Equal(run.Id, runEvent.RunId));
        Assert.Equal(
            [
                typeof(RunStarted), typeof(StepCompleted), typeof(StepCompleted), typeof(EpochCompleted), typeof(SnapshotCommitted),
                typeof(StepCompleted), typeof(StepCompleted), typeof(EpochCompleted), typeof(SnapshotCommitted), typeof(RunCompleted),
            ],
            events.Select(runEvent => runEvent.GetType()));
        Assert.Equal([1L, 2, 3, 4], events.OfType<StepCompleted>().Select(step => step.Step));
    }

    [Fact]
    public async Task Watch_AfterTheEnd_GivesTheSameEventsOnceMore()
    {
        var run = await cluster.Client.StartAsync(cluster.SmallSpec(), TestContext.Current.CancellationToken);
        var live = await run.EventsAsync();

        var late = await cluster.Client.Find(run.Id).EventsAsync();

        Assert.Equal(live.Select(RunEventJson.Serialize), late.Select(RunEventJson.Serialize));
    }

    [Fact]
    public async Task Watch_LogWasCut_BeginsWithWhatWasStarted()
    {
        var run = await cluster.Client.StartAsync(cluster.SmallSpec(), TestContext.Current.CancellationToken);
        var whole = await run.EventsAsync();
        await cluster.CutLogAsync<RunEvent>(run.Id, keep: 2, cluster.Grains.GetGrain<IRunCoordinatorGrain>(run.Id));

        var events = await cluster.Client.Find(run.Id).EventsAsync();

        Assert.Equal([1L, 9, 10], events.Select(runEvent => runEvent.Sequence));
        Assert.Equal(RunEventJson.Serialize(whole[0]), RunEventJson.Serialize(events[0]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(9)]
    public async Task Watch_FromAPosition_GivesEachLaterEventOnce(long position)
    {
        var run = await cluster.Client.StartAsync(cluster.SmallSpec(), TestContext.Current.CancellationToken);

        var events = await run.EventsAsync(position);

        Assert.Equal(position + 1, events[0].Sequence);
        Assert.Equal(10 - position, events.Count);
        Assert.Equal(events.Count, events.DistinctBy(runEvent => runEvent.Sequence).Count());
    }

    [Fact]
    public async Task Watch_CutAndResumedAfterEveryEvent_MissesAndRepeatsNothing()
    {
        var run = await cluster.Client.StartAsync(cluster.SmallSpec(), TestContext.Current.CancellationToken);
        var seen = new List<RunEvent>();

        while (seen.Count == 0 || !seen[^1].IsFinal)
        {
            await foreach (var runEvent in run.WatchAsync(seen.Count, TestContext.Current.CancellationToken))
            {
                seen.Add(runEvent);
                break;
            }
        }

        Assert.Equal(Enumerable.Range(1, 10).Select(number => (long)number), seen.Select(runEvent => runEvent.Sequence));
    }

    [Fact]
    public async Task Watch_WatcherLeavesWhileWaiting_RunAndOtherWatchersGoOn()
    {
        var id = "left-alone";
        using var gate = cluster.Gates.Hold(id, "JoinAsync");
        var run = await cluster.StartAsync(id, cluster.SmallSpec());
        using var leaving = new CancellationTokenSource();
        var impatient = Task.Run(() => run.WatchAsync(0, leaving.Token).GetAsyncEnumerator(leaving.Token).MoveNextAsync().AsTask());
        var patient = run.EventsAsync();
        await gate.Reached;

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        gate.Dispose();
        Assert.Equal(10, (await patient).Count);
    }
}
