using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Grains.Collectives.Links;
using Lcnn.Distributed.Grains.Collectives.Wire;
using Lcnn.Distributed.Model.Evaluation;

namespace Lcnn.Distributed.UnitTests.Grains.Collectives;

public sealed class OutboxTests
{
    private const int ParcelBytes = 16;

    private readonly SentBytes _account = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Add_BoxIsFull_WaitsUntilSomethingIsAcknowledged()
    {
        var outbox = new Outbox(2 * ParcelBytes);
        Add(outbox, 0);
        Add(outbox, 1);
        var thread = new Thread(() => Add(outbox, 2)) { IsBackground = true };
        thread.Start();
        while (!thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin))
        {
            await Task.Yield();
        }

        Assert.Equal(2 * ParcelBytes, outbox.UnacknowledgedBytes);
        outbox.WaitNext(Stop, out var first, out _);
        outbox.Release(first!);
        outbox.Acknowledge(1);
        thread.Join();

        Assert.Equal(2 * ParcelBytes, outbox.UnacknowledgedBytes);
    }

    [Fact]
    public void Add_FullAndCancelled_Ends()
    {
        var outbox = new Outbox(1);
        Add(outbox, 0);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() => outbox.Add(0, 1, new ParcelKey(ParcelKind.Scores, 1), Parcel(), _account, cancelled.Token));
    }

    [Fact]
    public void Acknowledge_WhatWasNotSent_IsRefused()
    {
        var outbox = new Outbox(1000);
        Add(outbox, 0);

        Assert.Equal(RejectReason.Acknowledgement, Assert.Throws<RejectedException>(() => outbox.Acknowledge(1)).Reason);
    }

    [Fact]
    public void Acknowledge_WhileItIsBeingSent_KeepsTheParcelUntilItsRelease()
    {
        var outbox = new Outbox(1000);
        Add(outbox, 0);
        outbox.WaitNext(Stop, out var sent, out _);

        outbox.Acknowledge(1);
        Assert.NotNull(sent!.Parcel);
        outbox.Release(sent);

        Assert.Null(sent.Parcel);
    }

    [Fact]
    public void Resume_SomeHaveArrived_SendsTheOthersAgain()
    {
        var outbox = new Outbox(1000);
        for (var step = 0; step < 3; step++)
        {
            Add(outbox, step);
            outbox.WaitNext(Stop, out var sent, out _);
            outbox.Release(sent!);
        }

        outbox.Resume(1);

        outbox.WaitNext(Stop, out var second, out _);
        outbox.WaitNext(Stop, out var third, out _);
        Assert.Equal([(2, 1L), (3, 2L)], new[] { second!, third! }.Select(parcel => (parcel.Sequence, parcel.Key.Step)));
        Assert.Equal(2 * ParcelBytes, outbox.UnacknowledgedBytes);
    }

    // Whoever took it may have died before it was on the wire, and the other side may wait for nothing but it.
    [Fact]
    public void Resume_SomethingHasArrivedAndWasTaken_IsToldAgain()
    {
        var outbox = new Outbox(1000);
        outbox.NoteArrived(6);
        Assert.Equal(OutboxWork.Acknowledge, outbox.WaitNext(Stop, out _, out _));

        outbox.Resume(0);

        Assert.Equal((OutboxWork.Acknowledge, 6), (outbox.WaitNext(Stop, out _, out var arrived), arrived));
        Assert.False(outbox.TryTakeArrived(out _));
    }

    [Fact]
    public void ResumeByGrain_SomeHaveNotArrived_CountsThemAsCarriedByGrain()
    {
        var outbox = new Outbox(1000);
        Add(outbox, 0);
        Add(outbox, 1);
        outbox.WaitNext(Stop, out var sent, out _);
        outbox.Release(sent!);
        outbox.Acknowledge(1);

        outbox.ResumeByGrain();
        Add(outbox, 2);

        Assert.Equal((ParcelBytes, 2 * ParcelBytes), (_account.ByTransport["stream"], _account.ByTransport["grain"]));
    }

    [Fact]
    public void WaitNext_ClosedAndAllAcknowledged_IsDone()
    {
        var outbox = new Outbox(1000);
        Add(outbox, 0);
        outbox.Close();

        Assert.Equal(OutboxWork.Send, outbox.WaitNext(Stop, out var sent, out _));
        outbox.Release(sent!);
        outbox.Acknowledge(1);

        Assert.Equal(OutboxWork.Done, outbox.WaitNext(Stop, out _, out _));
    }

    private static ScoresParcel Parcel() => new([new BatchScore(0, 0, 1)]);

    private void Add(Outbox outbox, int step) => outbox.Add(0, 1, new ParcelKey(ParcelKind.Scores, step), Parcel(), _account, CancellationToken.None);
}
