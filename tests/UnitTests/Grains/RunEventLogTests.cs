using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.Runs;
using Microsoft.Extensions.Time.Testing;

namespace Lcnn.Distributed.UnitTests.Grains;

public sealed class RunEventLogTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    [Fact]
    public void Append_Events_NumbersAndStampsThem()
    {
        var log = new RunEventLog("run", _clock);
        log.Append(new RunWarning { Message = "one" });
        _clock.Advance(TimeSpan.FromSeconds(2));
        log.Append(new RunWarning { Message = "two" });

        var events = log.After(0);

        Assert.Equal([1L, 2], events.Select(runEvent => runEvent.Sequence));
        Assert.All(events, runEvent => Assert.Equal("run", runEvent.RunId));
        Assert.Equal(TimeSpan.FromSeconds(2), events[1].Time - events[0].Time);
        Assert.Equal(2, log.LastSequence);
    }

    [Fact]
    public void After_APosition_GivesWhatCameLater()
    {
        var log = Filled(5);

        Assert.Equal([4L, 5], log.After(3).Select(runEvent => runEvent.Sequence));
        Assert.Empty(log.After(5));
        Assert.Empty(log.After(100));
    }

    [Fact]
    public void Append_BeyondTheBound_ForgetsTheOldestAndNumbersOn()
    {
        var log = Filled(5, capacity: 3);

        Assert.Equal([3L, 4, 5], log.After(0).Select(runEvent => runEvent.Sequence));
        Assert.Equal(5, log.LastSequence);
    }

    [Fact]
    public async Task Appended_NextEvent_WakesEveryWaiter()
    {
        var log = Filled(1);
        var (first, second) = (log.Appended, log.Appended);
        Assert.False(first.IsCompleted);

        log.Append(new RunWarning());

        await Task.WhenAll(first, second);
        Assert.False(log.Appended.IsCompleted);
    }

    [Fact]
    public void IsComplete_AfterTheFinalEvent_IsTrue()
    {
        var log = Filled(1);
        Assert.False(log.IsComplete);

        log.Append(new RunFailed());

        Assert.True(log.IsComplete);
    }

    private RunEventLog Filled(int count, int capacity = 100)
    {
        var log = new RunEventLog("run", _clock, capacity);
        for (var i = 0; i < count; i++)
        {
            log.Append(new RunWarning());
        }

        return log;
    }
}
