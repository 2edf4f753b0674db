using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.EventLogs;
using Lcnn.Distributed.Grains.Runs;
using Lcnn.Distributed.Grains.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lcnn.Distributed.UnitTests.Grains;

public sealed class RunEventLogTests : IDisposable
{
    private readonly SteppedClock _clock = new();
    private readonly FaultyLogStore _store = new();
    private readonly List<RunEventLog> _opened = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _opened.ForEach(log => log.Dispose());

    [Fact]
    public async Task Append_Events_NumbersAndStampsThem()
    {
        var log = await OpenAsync();
        log.Append(new RunWarning { Message = "one" });
        _clock.Advance(TimeSpan.FromSeconds(2));
        log.Append(new RunFailed());

        var events = await ReadAsync(log);

        Assert.Equal([1L, 2], events.Select(runEvent => runEvent.Sequence));
        Assert.All(events, runEvent => Assert.Equal("run", runEvent.RunId));
        Assert.Equal(TimeSpan.FromSeconds(2), events[1].Time - events[0].Time);
        Assert.Equal((2, true), (log.LastSequence, log.IsComplete));
    }

    [Fact]
    public async Task Append_AfterTheFinalEvent_IsIgnored()
    {
        var log = await OpenAsync();
        log.Append(new RunFailed());
        log.Append(new RunWarning());

        Assert.Equal(1, log.LastSequence);
        Assert.IsType<RunFailed>(Assert.Single(await ReadAsync(log)));
    }

    [Fact]
    public async Task Append_WhileAWriteIsUnderWay_GoesTogetherInTheNext()
    {
        var log = await OpenAsync();
        _store.Hold();
        log.Append(new RunWarning());
        for (var step = 1; step <= 5; step++)
        {
            log.Append(new StepCompleted { Step = step });
        }

        _store.Release();
        await log.FlushAsync(Token);

        Assert.Equal([1, 5], _store.Batches);
    }

    [Fact]
    public async Task Watch_EventThatIsNotStoredYet_IsNotSeen()
    {
        var log = await OpenAsync();
        _store.Hold();
        log.Append(new RunWarning());
        await using var watch = log.WatchAsync(0, Token).GetAsyncEnumerator(Token);

        var next = watch.MoveNextAsync();
        Assert.False(next.IsCompleted);
        Assert.Equal(0, log.LastSequence);
        _store.Release();

        Assert.True(await next);
        Assert.Equal(1, watch.Current.Sequence);
    }

    [Fact]
    public async Task Append_StoreIsAway_TriesAgainWithLongerAndLongerDelays()
    {
        var log = await OpenAsync();
        _store.FailuresLeft = 7;
        log.Append(new RunFailed());

        foreach (var delay in new[] { 50, 100, 200, 400, 800, 1000, 1000 })
        {
            Assert.Equal(TimeSpan.FromMilliseconds(delay), await _clock.NextDelayAsync(Token));
            _clock.Advance(TimeSpan.FromMilliseconds(delay));
        }

        await log.FlushAsync(Token);
        Assert.Equal(1, log.LastSequence);
    }

    [Fact]
    public async Task Append_StoredButTheAnswerWasLost_IsNotTakenForAnotherCoordinator()
    {
        var log = await OpenAsync();
        _store.AnswersToLose = 1;
        log.Append(new RunFailed());
        _clock.Advance(await _clock.NextDelayAsync(Token));

        await log.FlushAsync(Token);

        Assert.False(log.Failed.IsCompleted);
        Assert.Equal(1, log.LastSequence);
    }

    [Fact]
    public async Task Append_StoreAwayBeyondTheBound_LeavesStepsOutAndSaysSoOnce()
    {
        var log = await OpenAsync(new EventLogLimits(Waiting: 3));
        _store.Hold();
        for (var step = 1; step <= 6; step++)
        {
            log.Append(new StepCompleted { Step = step });
        }

        log.Append(new EpochCompleted { Epoch = 1 });
        _store.Release();
        await log.FlushAsync(Token);
        log.Append(new StepCompleted { Step = 7 });
        log.Append(new RunFailed());

        var events = await ReadAsync(log);
        Assert.Equal([1L, 2, 3, 7], events.OfType<StepCompleted>().Select(step => step.Step));
        Assert.Contains("steps from 4 on", Assert.Single(events.OfType<RunWarning>()).Message, StringComparison.Ordinal);
        Assert.Single(events.OfType<EpochCompleted>());
        Assert.Equal(Enumerable.Range(1, events.Count).Select(number => (long)number), events.Select(runEvent => runEvent.Sequence));
    }

    [Fact]
    public async Task Append_AnotherCoordinatorWroteOn_IsSuperseded()
    {
        var old = await OpenAsync();
        old.Append(new RunWarning());
        var young = await OpenAsync();
        young.Append(new StepCompleted { Step = 1 });

        old.Append(new StepCompleted { Step = 99 });

        var problem = Assert.IsType<EventLogSupersededException>(await old.Failed.WaitAsync(Token));
        Assert.Equal(2, problem.StoredSequence);
        await Assert.ThrowsAsync<EventLogSupersededException>(() => old.FlushAsync(Token));
        old.Append(new RunFailed());
        young.Append(new RunCancelled());
        Assert.Equal([typeof(RunWarning), typeof(StepCompleted), typeof(RunCancelled)], (await ReadAsync(young)).Select(runEvent => runEvent.GetType()));
        Assert.False(young.Failed.IsCompleted);
    }

    [Fact]
    public async Task Append_StoreRefuses_FailsByNameAfterAWhile()
    {
        var log = await OpenAsync();
        (_store.FailuresLeft, _store.Trouble) = (int.MaxValue, new StoreRefusedException("Redis refuses: OOM"));
        log.Append(new StepCompleted { Step = 1 });
        var flushing = log.FlushAsync(Token);
        for (var waited = TimeSpan.Zero; waited < Refusals.Patience;)
        {
            Assert.False(flushing.IsCompleted);
            var pause = await _clock.NextDelayAsync(Token);
            waited += pause;
            _clock.Advance(pause);
        }

        var refused = Assert.IsType<StoreRefusedException>(await log.Failed.WaitAsync(Token));

        Assert.Equal("the log of run cannot be stored: Redis refuses: OOM", refused.Message);
        await Assert.ThrowsAsync<StoreRefusedException>(() => flushing.WaitAsync(Token));
        Assert.Null(log.Append(new StepCompleted { Step = 2 }));
    }

    [Fact]
    public async Task Open_LogWhoseBeginningIsTrimmed_KnowsThatTheRunHasStarted()
    {
        Assert.False(new RunLogTail().HasStarted);
        (await OpenAsync()).Append(new StepCompleted { Step = 70 }); // all that is left

        Assert.True((await OpenAsync()).Tail.HasStarted);
    }

    [Fact]
    public async Task Open_NewRun_HasAnEmptyTail() => Assert.Equal(new RunLogTail(), (await OpenAsync()).Tail);

    [Theory]
    [InlineData(2)]
    [InlineData(100)]
    public async Task Open_StoredLog_FindsWhereTheRunStood(int window)
    {
        var before = await OpenAsync();
        var snapshot = new SnapshotCommitted { Step = 2, Path = "here" };
        foreach (var runEvent in new RunEvent[]
        {
            new RunStarted { Generation = 1 }, new StepCompleted { Step = 1 }, new StepCompleted { Step = 2 }, new EpochCompleted { Epoch = 1 },
            snapshot, new StepCompleted { Step = 3 }, new GenerationChanged { Generation = 2 }, new RunWarning(),
        })
        {
            before.Append(runEvent);
        }

        var after = await OpenAsync(new EventLogLimits(Window: window));

        Assert.Equal((8, 3, 1, 2, false), (after.Tail.LastSequence, after.Tail.LastStep, after.Tail.LastEpoch, after.Tail.LastGeneration, after.IsComplete));
        Assert.Equal("here", after.Tail.LastSnapshot?.Path);
        after.Append(new RunFailed());
        Assert.Equal(9, (await ReadAsync(after, 8))[0].Sequence);
        Assert.IsType<RunFailed>((await OpenAsync()).Tail.Final);
    }

    [Fact]
    public async Task Watch_PositionBeforeTheWindow_PagesFromTheStore()
    {
        var log = await OpenAsync(new EventLogLimits(Window: 4, Page: 3));
        Fill(log, 20);

        var events = await ReadAsync(log, 2);

        Assert.Equal(Enumerable.Range(3, 18).Select(number => (long)number), events.Select(runEvent => runEvent.Sequence));
        Assert.InRange(_store.LargestRead, 1, 3);
    }

    [Fact]
    public async Task Watch_EventsThatWereForgotten_BeginsWithTheOldestThereAre()
    {
        var log = await OpenAsync(new EventLogLimits(Window: 4));
        Fill(log, 20);
        await _store.TrimAsync("run", static logged => logged.Sequence > 10, Token);
        Assert.Equal(11, (await ReadAsync(log))[0].Sequence);

        await _store.TrimAsync("run", static _ => false, Token);

        Assert.Equal(17, (await ReadAsync(log, 5))[0].Sequence); // what the window still has
    }

    [Fact]
    public async Task Watch_BeginningWasForgotten_IsToldAgainWithItsNumber()
    {
        var log = await OpenAsync(new EventLogLimits(Window: 4));
        log.Append(new RunWarning());
        log.Beginning = log.Append(new RunStarted { TotalSteps = 8 });
        for (var step = 1; step <= 8; step++)
        {
            log.Append(new StepCompleted { Step = step });
        }

        log.Append(new RunFailed());
        await log.FlushAsync(Token);
        Assert.Equal(11, (await ReadAsync(log)).Count); // nothing is told twice

        await _store.TrimAsync("run", static logged => logged.Sequence > 8, Token);

        Assert.Equal([2L, 8, 9, 10, 11], (await ReadAsync(log)).Select(runEvent => runEvent.Sequence));
        Assert.Equal([8L, 9, 10, 11], (await ReadAsync(log, 2)).Select(runEvent => runEvent.Sequence));
    }

    [Fact]
    public async Task Watch_StoreAwayWhileReadingHistory_WaitsForIt()
    {
        var log = await OpenAsync(new EventLogLimits(Window: 4));
        Fill(log, 20);
        _store.FailuresLeft = 2;
        var reading = ReadAsync(log);

        _clock.Advance(await _clock.NextDelayAsync(Token));
        _clock.Advance(await _clock.NextDelayAsync(Token));

        Assert.Equal(20, (await reading).Count);
    }

    [Fact]
    public async Task Watch_LogIsClosed_EndsWithWhatMakesClientsWatchAgain()
    {
        var log = await OpenAsync();
        await using var watch = log.WatchAsync(0, Token).GetAsyncEnumerator(Token);
        var next = watch.MoveNextAsync();

        log.Dispose();

        await Assert.ThrowsAsync<Orleans.Runtime.EnumerationAbortedException>(async () => await next);
    }

    [Fact]
    public async Task Watch_AtOrBeyondTheFinalEvent_Ends()
    {
        var log = await OpenAsync();
        Fill(log, 3);

        Assert.Empty(await ReadAsync(log, 3));
        Assert.Empty(await ReadAsync(log, 100));
    }

    private static void Fill(RunEventLog log, int count)
    {
        for (var step = 1; step < count; step++)
        {
            log.Append(new StepCompleted { Step = step });
        }

        log.Append(new RunFailed());
    }

    private static async Task<List<RunEvent>> ReadAsync(RunEventLog log, long after = 0)
    {
        var events = new List<RunEvent>();
        await foreach (var runEvent in log.WatchAsync(after, Token))
        {
            events.Add(runEvent);
        }

        return events;
    }

    private async Task<RunEventLog> OpenAsync(EventLogLimits? limits = null)
    {
        _opened.Add(await RunEventLog.OpenAsync("run", _store, _clock, NullLogger.Instance, limits, Token));
        return _opened[^1];
    }
}
