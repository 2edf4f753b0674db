using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Grains.Placement;
using Microsoft.Extensions.Time.Testing;

namespace Lcnn.Distributed.UnitTests.Grains.Placement;

public sealed class SlotLedgerTests
{
    private const string Silo = "127.0.0.1:11111@1";
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(60);

    private readonly FakeTimeProvider _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Slots_OfTheProcessor_AreAsManyAsConfigured()
    {
        Assert.Equal([new(Silo, 0, "cpu"), new(Silo, 1, "cpu")], Ledger(2).Report().Select(slot => slot.Slot));
    }

    [Fact]
    public void Slots_OfListedGpus_AreOneEach()
    {
        var ledger = new SlotLedger(Silo, new PlacementOptions { Devices = "cuda:0,cuda:3" }, _clock);

        Assert.Equal([new(Silo, 0, "cuda:0"), new(Silo, 1, "cuda:3")], ledger.Report().Select(slot => slot.Slot));
        Assert.False(ledger.IsUnlimited);
    }

    [Fact]
    public void Reserve_MoreThanFree_KeepsNothing()
    {
        var ledger = Ledger(2);
        ledger.Reserve([Rank("a", 1, 0)]);

        Assert.Null(ledger.Reserve([Rank("b", 1, 0), Rank("b", 1, 1)]));

        Assert.Equal([Rank("a", 1, 0), null], ledger.Report().Select(slot => slot.Holder));
    }

    [Fact]
    public void Reserve_Again_GivesTheSameSlotsForAnotherWhile()
    {
        var ledger = Ledger(3);
        var first = ledger.Reserve([Rank("a", 1, 0), Rank("a", 1, 1)]);
        _clock.Advance(_timeout * 0.75);

        var second = ledger.Reserve([Rank("a", 1, 1), Rank("a", 1, 0)]);
        _clock.Advance(_timeout * 0.75);

        Assert.Equal(first!.Reverse(), second!);
        Assert.Equal([Rank("a", 1, 0), Rank("a", 1, 1), null], ledger.Report().Select(slot => slot.Holder));
    }

    [Fact]
    public async Task Reservation_NotTaken_Lapses()
    {
        var ledger = Ledger(1);
        var slot = Assert.Single(ledger.Reserve([Rank("a", 1, 0)])!);
        _clock.Advance(_timeout);

        Assert.Equal([null], ledger.Report().Select(report => report.Holder));
        await RefusedAsync(ledger, slot, Rank("a", 1, 0), "rank 0 of generation 1 of run a wants slot 0 of silo 127.0.0.1:11111@1, which is no longer kept for it");
        Assert.NotNull(ledger.Reserve([Rank("b", 1, 0)]));
    }

    [Fact]
    public async Task Take_ByTheHolder_KeepsTheSlotUntilDisposed()
    {
        var ledger = Ledger(1);
        var slot = Assert.Single(ledger.Reserve([Rank("a", 1, 0)])!);

        var lease = await ledger.TakeAsync(slot, Rank("a", 1, 0), Cancellation);
        _clock.Advance(2 * _timeout);

        Assert.Equal(slot, lease.Slot);
        Assert.Null(ledger.Reserve([Rank("b", 1, 0)]));
        lease.Dispose();
        lease.Dispose();
        Assert.NotNull(ledger.Reserve([Rank("b", 1, 0)]));
    }

    [Fact]
    public async Task Take_ByAnybodyElse_IsRefusedByName()
    {
        var ledger = Ledger(2);
        var slots = ledger.Reserve([Rank("a", 1, 0), Rank("a", 1, 1)])!;
        using var lease = await ledger.TakeAsync(slots[0], Rank("a", 1, 0), Cancellation);

        await RefusedAsync(ledger, slots[0], Rank("a", 1, 0), "rank 0 of generation 1 of run a wants slot 0 of silo 127.0.0.1:11111@1, which rank 0 of generation 1 of run a has");
        await RefusedAsync(ledger, slots[1], Rank("b", 1, 0), "rank 0 of generation 1 of run b wants slot 1 of silo 127.0.0.1:11111@1, which rank 1 of generation 1 of run a has");
        await RefusedAsync(ledger, slots[1] with { Silo = "127.0.0.1:2@2" }, Rank("a", 1, 1), "rank 1 of generation 1 of run a wants slot 1 (cpu) of silo 127.0.0.1:2@2, which silo 127.0.0.1:11111@1 does not have");
        await RefusedAsync(ledger, slots[1] with { Index = 2 }, Rank("a", 1, 1), "rank 1 of generation 1 of run a wants slot 2 (cpu) of silo 127.0.0.1:11111@1, which silo 127.0.0.1:11111@1 does not have");
    }

    [Fact]
    public async Task Take_LaterGeneration_EvictsEarlierOnesAndWaitsForItsSlot()
    {
        var ledger = Ledger(3);
        var old = ledger.Reserve([Rank("a", 1, 0), Rank("a", 1, 1)])!;
        var first = await ledger.TakeAsync(old[0], Rank("a", 1, 0), Cancellation);
        var second = await ledger.TakeAsync(old[1], Rank("a", 1, 1), Cancellation);
        var other = await ledger.TakeAsync(ledger.Reserve([Rank("b", 1, 0)])![0], Rank("b", 1, 0), Cancellation);

        var slot = Assert.Single(ledger.Reserve([Rank("a", 2, 0)])!);
        Assert.False(first.Evicted.IsCancellationRequested);
        var taking = ledger.TakeAsync(slot, Rank("a", 2, 0), Cancellation);

        Assert.True(first.Evicted.IsCancellationRequested && second.Evicted.IsCancellationRequested);
        Assert.False(other.Evicted.IsCancellationRequested);
        second.Dispose();
        Assert.False(taking.IsCompleted);
        first.Dispose();
        Assert.Equal((0, slot), (slot.Index, (await taking).Slot));
        Assert.Equal([Rank("a", 2, 0), null, Rank("b", 1, 0)], ledger.Report().Select(report => report.Holder));
    }

    [Fact]
    public async Task Take_WaitingForAnEviction_DoesNotLapseButCanBeCancelled()
    {
        var ledger = Ledger(1);
        using var old = await ledger.TakeAsync(ledger.Reserve([Rank("a", 1, 0)])![0], Rank("a", 1, 0), Cancellation);
        var slot = Assert.Single(ledger.Reserve([Rank("a", 2, 0)])!);
        using var stop = new CancellationTokenSource();
        var taking = ledger.TakeAsync(slot, Rank("a", 2, 0), stop.Token);
        _clock.Advance(2 * _timeout);
        Assert.Equal(Rank("a", 2, 0), ledger.Report()[0].Holder);
        await RefusedAsync(ledger, slot, Rank("a", 2, 0), "rank 0 of generation 2 of run a wants slot 0 of silo 127.0.0.1:11111@1 a second time");

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => taking);
        Assert.Equal(Rank("a", 1, 0), ledger.Report()[0].Holder);
    }

    // The same rank's next activation is another worker: the slot is its own, and not that of the one before it.
    [Fact]
    public async Task Take_ReservationWasReleasedAndMadeAgainWhileItWaited_IsRefused()
    {
        var ledger = Ledger(1);
        var old = await ledger.TakeAsync(ledger.Reserve([Rank("a", 1, 0)])![0], Rank("a", 1, 0), Cancellation);
        var slot = Assert.Single(ledger.Reserve([Rank("a", 2, 0)])!);
        var late = new HeldContinuations();
        var released = late.Run(() => ledger.TakeAsync(slot, Rank("a", 2, 0), Cancellation));

        ledger.Release("a", 2);
        old.Dispose();
        Assert.Single(ledger.Reserve([Rank("a", 2, 0)])!);
        await late.GoOnAsync(Cancellation);

        await Assert.ThrowsAsync<SlotRefusedException>(() => released);
        using var lease = await ledger.TakeAsync(slot, Rank("a", 2, 0), Cancellation);
    }

    [Fact]
    public async Task Reserve_WorkerThatWasToldToLeave_KeepsItsSlotUntilItHas()
    {
        var ledger = Ledger(1);
        var old = await ledger.TakeAsync(ledger.Reserve([Rank("a", 1, 0)])![0], Rank("a", 1, 0), Cancellation);
        var taking = ledger.TakeAsync(ledger.Reserve([Rank("a", 2, 0)])![0], Rank("a", 2, 0), Cancellation);

        Assert.Null(ledger.Reserve([Rank("a", 3, 0)])); // it may hang, and never leave
        Assert.True(Assert.Single(ledger.Report()).IsLeaving);
        old.Dispose();

        using var lease = await taking;
        Assert.False(Assert.Single(ledger.Report()).IsLeaving);
    }

    [Fact]
    public async Task Generation_EarlierThanOneSeen_IsRefusedByName()
    {
        var ledger = Ledger(2);
        var slot = Assert.Single(ledger.Reserve([Rank("a", 1, 0)])!);
        ledger.Reserve([Rank("a", 2, 0)]);

        const string Message = "rank 0 of generation 1 of run a comes too late to silo 127.0.0.1:11111@1: the run is in generation 2";
        await RefusedAsync(ledger, slot, Rank("a", 1, 0), Message);
        Assert.Equal(Message, Assert.Throws<SlotRefusedException>(() => ledger.Reserve([Rank("a", 1, 0)])).Message);
    }

    [Fact]
    public void Reserve_LaterGenerationThatDoesNotFit_LeavesTheEarlierAsItWas()
    {
        var ledger = Ledger(1);
        ledger.Reserve([Rank("a", 1, 0)]);

        Assert.Null(ledger.Reserve([Rank("a", 2, 0), Rank("a", 2, 1)]));

        Assert.NotNull(ledger.Reserve([Rank("a", 1, 0)]));
    }

    [Fact]
    public async Task Release_OfAGeneration_DropsItsReservationsAndEvictsItsWorkersAlone()
    {
        var ledger = Ledger(3);
        var slots = ledger.Reserve([Rank("a", 1, 0), Rank("a", 1, 1), Rank("b", 1, 0)])!;
        using var taken = await ledger.TakeAsync(slots[0], Rank("a", 1, 0), Cancellation);
        using var other = await ledger.TakeAsync(slots[2], Rank("b", 1, 0), Cancellation);

        ledger.Release("a", 2);
        Assert.False(taken.Evicted.IsCancellationRequested);
        ledger.Release("a", 1);

        Assert.True(taken.Evicted.IsCancellationRequested);
        Assert.False(other.Evicted.IsCancellationRequested);
        Assert.Equal([Rank("a", 1, 0), null, Rank("b", 1, 0)], ledger.Report().Select(report => report.Holder));
    }

    [Fact]
    public async Task Drain_WithAReservation_KeepsItAndTakesNothingNew()
    {
        var ledger = Ledger(2);
        var slot = Assert.Single(ledger.Reserve([Rank("a", 1, 0)])!);

        ledger.Drain();

        Assert.True(ledger.IsDraining);
        Assert.Null(ledger.Reserve([Rank("b", 1, 0)]));
        Assert.NotNull(ledger.Reserve([Rank("a", 1, 0)]));
        using var lease = await ledger.TakeAsync(slot, Rank("a", 1, 0), Cancellation);
    }

    [Fact]
    public async Task Unlimited_AsManyAsAskedFor_GrowsAndUsesSlotsAgain()
    {
        var ledger = Ledger(null);
        Assert.Empty(ledger.Report());
        var slots = ledger.Reserve([.. Enumerable.Range(0, 5).Select(rank => Rank("a", 1, rank))])!;
        Assert.Equal(Enumerable.Range(0, 5), slots.Select(slot => slot.Index));
        using var lease = await ledger.TakeAsync(slots[4], Rank("a", 1, 4), Cancellation);

        ledger.Release("a", 1);
        ledger.Reserve([.. Enumerable.Range(0, 4).Select(rank => Rank("b", 1, rank))]);

        Assert.True(ledger.IsUnlimited);
        Assert.Equal([Rank("b", 1, 0), Rank("b", 1, 1), Rank("b", 1, 2), Rank("b", 1, 3), Rank("a", 1, 4)], ledger.Report().Select(report => report.Holder));
    }

    [Fact]
    public void Runs_Many_AreForgottenOldestFirst()
    {
        var newest = new NewestGenerations(capacity: 2);
        newest.Raise("a", 3);
        newest.Raise("b", 1);
        newest.Raise("a", 2);
        Assert.Equal((3, 1), (newest.Of("a"), newest.Of("b")));

        newest.Raise("c", 1);

        Assert.Equal((null, 1, 1), (newest.Of("a"), newest.Of("b"), newest.Of("c")));
    }

    private static SlotHolder Rank(string runId, int generation, int rank) => new(runId, generation, rank);

    private static async Task RefusedAsync(SlotLedger ledger, DeviceSlot slot, SlotHolder holder, string message) =>
        Assert.Equal(message, (await Assert.ThrowsAsync<SlotRefusedException>(() => ledger.TakeAsync(slot, holder, Cancellation))).Message);

    private SlotLedger Ledger(int? slots) =>
        new(Silo, new PlacementOptions { Slots = slots, Devices = "cpu", ReservationTimeout = _timeout }, _clock);
}
