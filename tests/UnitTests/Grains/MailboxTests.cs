using Lcnn.Distributed.Grains.Collectives;

namespace Lcnn.Distributed.UnitTests.Grains;

public sealed class MailboxTests
{
    private static readonly ParcelKey _key = new(ParcelKind.Scores, Step: 3);

    private readonly Mailbox _mailbox = new();

    [Fact]
    public void Take_ParcelIsThere_TakesItOutOnce()
    {
        var parcel = new ScoresParcel([]);
        _mailbox.Deliver(1, _key, parcel);

        Assert.Same(parcel, _mailbox.Take<ScoresParcel>(1, _key, CancellationToken.None));
        _mailbox.Deliver(1, _key, new ScoresParcel([])); // there is room for it again
    }

    [Fact]
    public async Task Take_ParcelComesLater_Waits()
    {
        var parcel = new ScoresParcel([]);
        using var taker = new Taker(() => _mailbox.Take<ScoresParcel>(1, _key, TestContext.Current.CancellationToken));
        await taker.WaitsAsync();

        _mailbox.Deliver(2, _key, new ScoresParcel([]));
        _mailbox.Deliver(1, _key with { Step = 4 }, new ScoresParcel([]));
        _mailbox.Deliver(1, _key with { Part = 1 }, new ScoresParcel([]));
        _mailbox.Deliver(1, _key with { Kind = ParcelKind.Curvature }, new CurvatureParcel([]));
        _mailbox.Deliver(1, _key, parcel);

        Assert.Same(parcel, await taker.Result);
    }

    [Fact]
    public async Task Take_Cancelled_WakesTheWaiter()
    {
        using var stop = new CancellationTokenSource();
        using var taker = new Taker(() => _mailbox.Take<ScoresParcel>(1, _key, stop.Token));
        await taker.WaitsAsync();

        await stop.CancelAsync();

        await Assert.ThrowsAsync<OperationCanceledException>(() => taker.Result);
    }

    [Fact]
    public void Take_CancelledBefore_ThrowsThoughAParcelIsThere()
    {
        _mailbox.Deliver(1, _key, new ScoresParcel([]));

        Assert.Throws<OperationCanceledException>(() => _mailbox.Take<ScoresParcel>(1, _key, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Deliver_SameParcelTwice_IsRefused()
    {
        _mailbox.Deliver(1, _key, new ScoresParcel([]));

        Assert.Throws<ArgumentException>(() => _mailbox.Deliver(1, _key, new ScoresParcel([])));
    }

    /// <summary>Takes on a thread of its own, which can be seen to wait.</summary>
    private sealed class Taker : IDisposable
    {
        private readonly TaskCompletionSource<Parcel> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Thread _thread;

        public Taker(Func<Parcel> take)
        {
            _thread = new Thread(() =>
            {
                try
                {
                    _result.SetResult(take());
                }
                catch (Exception exception)
                {
                    _result.SetException(exception);
                }
            })
            { IsBackground = true };
            _thread.Start();
        }

        public Task<Parcel> Result => _result.Task.WaitAsync(TimeSpan.FromMinutes(1));

        public async Task WaitsAsync()
        {
            while (!_thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin))
            {
                await Task.Yield();
            }
        }

        public void Dispose() => _thread.Join();
    }
}
