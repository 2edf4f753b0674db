using Lcnn.Distributed.Contracts.Cluster;

namespace Lcnn.Distributed.ClusterTests.Placement;

public sealed class GangPlacementTests : IAsyncLifetime
{
    private SlotCluster _cluster = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _cluster = await SlotCluster.StartAsync(3);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Gang_LargerThanASilo_SpansTwo()
    {
        var slots = await _cluster.AskAsync("run", 3, 3, submitted: 0);

        Assert.Equal([0, 1, 0], slots!.Select(slot => slot.Index));
        Assert.Equal(2, slots!.Select(slot => slot.Silo).Distinct().Count());
        Assert.Equal(slots![0].Silo, slots[1].Silo);
        var silos = await _cluster.Gangs.GetSilosAsync(Cancellation);
        Assert.Equal(3, silos.Count);
        Assert.Equal(3, silos.SelectMany(silo => silo.Slots).Count(slot => slot.Holder?.RunId == "run"));
    }

    [Fact]
    public async Task Gangs_Competing_GetAllOrWait()
    {
        var first = _cluster.AskAsync("first", 4, 4, submitted: 0);
        var second = _cluster.AskAsync("second", 4, 4, submitted: 1);
        var grants = await Task.WhenAll(first, second);

        var granted = Assert.Single(grants, grant => grant is not null);
        var silos = await _cluster.Gangs.GetSilosAsync(Cancellation);
        Assert.Equal(4, silos.SelectMany(silo => silo.Slots).Count(slot => slot.Holder is not null));

        var winner = grants[0] is null ? "second" : "first";
        await Task.WhenAll(granted!.Select(slot => slot.Silo).Distinct().Select(silo => _cluster.SlotsOf(silo).ReleaseAsync(winner, 1, Cancellation)));
        var loser = grants[0] is null ? "first" : "second";
        Assert.Equal(4, (await _cluster.AskAsync(loser, 4, 4, submitted: grants[0] is null ? 0 : 1))!.Count);
    }

    [Fact]
    public async Task Gangs_Waiting_AreServedInTheOrderOfTheirSubmission()
    {
        var running = await _cluster.AskAsync("running", 4, 4, submitted: 0);
        Assert.Null(await _cluster.AskAsync("large", 6, 6, submitted: 1));
        Assert.Null(await _cluster.AskAsync("small", 1, 1, submitted: 2));

        await Task.WhenAll(running!.Select(slot => slot.Silo).Distinct().Select(silo => _cluster.SlotsOf(silo).ReleaseAsync("running", 1, Cancellation)));

        Assert.Null(await _cluster.AskAsync("small", 1, 1, submitted: 2));
        await _cluster.Gangs.WithdrawAsync("large", Cancellation);
        Assert.Single((await _cluster.AskAsync("small", 1, 1, submitted: 2))!);
    }

    [Fact]
    public async Task Gang_LargerThanTheCluster_IsRefusedWithBothNumbers()
    {
        var refused = await Assert.ThrowsAsync<GangTooLargeException>(() => _cluster.AskAsync("run", 7, 8, submitted: 0));

        Assert.Equal("Run run needs 7 slots; the whole cluster has 6. Use fewer workers, or start more silos", refused.Message);
    }

    [Fact]
    public async Task Silo_Killed_TakesItsShareWithIt()
    {
        var slots = await _cluster.AskAsync("run", 4, 4, submitted: 0);
        var killed = _cluster.Silos.First(silo => SlotCluster.Address(silo) == slots![0].Silo);

        await _cluster.KillAsync(killed);

        Assert.Equal(2, (await _cluster.Gangs.GetSilosAsync(Cancellation)).Count);
        var next = await _cluster.AskAsync("run", 2, 4, submitted: 0, generation: 2);
        Assert.Equal(4, next!.Count);
        Assert.DoesNotContain(slots![0].Silo, next.Select(slot => slot.Silo));
    }

    [Fact]
    public async Task SiloOfTheGrain_Killed_NextActivationGoesOnFromWhatTheSilosHold()
    {
        await _cluster.Gangs.GetSilosAsync(Cancellation);
        var killed = _cluster.SiloOfGangs;
        var running = await _cluster.AskAsync("running", 2, 2, 0, 1, SlotCluster.Address(killed));

        await _cluster.KillAsync(killed);

        Assert.Equal(running, await _cluster.AskAsync("running", 2, 2, submitted: 0));
        Assert.Equal(2, (await _cluster.AskAsync("other", 1, 4, submitted: 1))!.Count);
        Assert.Null(await _cluster.AskAsync("next", 1, 1, submitted: 2));
    }
}
