using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Grains;

namespace Lcnn.Distributed.ClusterTests.Placement;

public sealed class SiloPlacementTests : IAsyncLifetime
{
    private SlotCluster _cluster = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _cluster = await SlotCluster.StartAsync(3);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Slots_OfEverySilo_AreKeptByThatSilo()
    {
        var silos = _cluster.Silos.Select(SlotCluster.Address).ToList();

        var reports = await Task.WhenAll(silos.Select(silo => _cluster.SlotsOf(silo).GetAsync(Cancellation)));

        Assert.Equal(silos, reports.Select(report => report.Silo));
        Assert.Equal(3, reports.Select(report => report.Name).Distinct().Count());
        Assert.All(reports, report => Assert.Equal(SlotCluster.SlotsPerSilo, report.Slots.Count));
    }

    [Fact]
    public async Task Slots_OfASiloThatDied_AreKeptByNoOther()
    {
        var silo = _cluster.Silos[0];
        await _cluster.SlotsOf(SlotCluster.Address(silo)).GetAsync(Cancellation);

        await _cluster.KillAsync(silo);

        var exception = await Assert.ThrowsAsync<SiloUnavailableException>(() => _cluster.SlotsOf(SlotCluster.Address(silo)).GetAsync(Cancellation));
        Assert.Contains(silo.SiloAddress.ToString(), exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_WithoutASilo_IsRefused()
    {
        var exception = await Assert.ThrowsAnyAsync<Exception>(() => _cluster.SlotsOf("nowhere").GetAsync(Cancellation));

        Assert.Contains("names no silo", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Slot_ReservedForOneRun_IsRefusedToAnother()
    {
        var silo = _cluster.SlotsOf(SlotCluster.Address(_cluster.Silos[1]));
        var slots = await silo.ReserveAsync([new SlotHolder("a", 1, 0), new SlotHolder("a", 1, 1)], Cancellation);

        Assert.Equal(SlotCluster.SlotsPerSilo, slots!.Count);
        Assert.Null(await silo.ReserveAsync([new SlotHolder("b", 1, 0)], Cancellation));
        await Assert.ThrowsAsync<SlotRefusedException>(() => _cluster.LedgerOf(slots[0].Silo).TakeAsync(slots[0], new SlotHolder("b", 1, 0), Cancellation));

        await silo.ReleaseAsync("a", 1, Cancellation);
        Assert.NotNull(await silo.ReserveAsync([new SlotHolder("b", 1, 0)], Cancellation));
    }

    [Fact]
    public async Task Generation_LaterThanTheHolders_EvictsThemAcrossCalls()
    {
        var address = SlotCluster.Address(_cluster.Silos[2]);
        var (silo, ledger) = (_cluster.SlotsOf(address), _cluster.LedgerOf(address));
        var first = await silo.ReserveAsync([new SlotHolder("a", 1, 0)], Cancellation);
        var old = await ledger.TakeAsync(first![0], new SlotHolder("a", 1, 0), Cancellation);
        using var leaves = old.Evicted.Register(old.Dispose);

        var second = await silo.ReserveAsync([new SlotHolder("a", 2, 0)], Cancellation);
        using var lease = await ledger.TakeAsync(second![0], new SlotHolder("a", 2, 0), Cancellation);

        Assert.Equal(first, second);
        var refused = await Assert.ThrowsAsync<SlotRefusedException>(() => silo.ReserveAsync([new SlotHolder("a", 1, 0)], Cancellation));
        Assert.Equal($"rank 0 of generation 1 of run a comes too late to silo {address}: the run is in generation 2", refused.Message);
    }

    [Fact]
    public void Key_OfAWorker_NamesRunGenerationRankAndSilo()
    {
        var silo = _cluster.Silos[0].SiloAddress;

        var key = GrainKeys.Worker("my@run", 3, 1, silo.ToParsableString());

        Assert.StartsWith("my@run/3/1@", key, StringComparison.Ordinal);
        Assert.True(GrainKeys.TryGetSilo(key, out var parsed));
        Assert.Equal(silo, parsed);
        Assert.True(GrainKeys.TryGetSilo(GrainKeys.SiloSlots(silo.ToParsableString()), out parsed));
        Assert.Equal(silo, parsed);
        Assert.False(GrainKeys.TryGetSilo(GrainKeys.Worker("my@run", 3, 1), out _));
    }
}
