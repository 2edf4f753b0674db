using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.UnitTests.Cli;
using Microsoft.Extensions.Time.Testing;

namespace Lcnn.Distributed.UnitTests.Client;

public sealed class RunHandleTests
{
    private readonly FakeCoordinator _coordinator = new();
    private readonly RecordingLogger _logger = new();
    private readonly FakeTimeProvider _clock = new() { AutoAdvanceAmount = TimeSpan.FromMilliseconds(1) };

    private RunHandle Run => new("run-1", _coordinator, FakeGrains.With(), _clock, _logger);

    [Fact]
    public async Task Watch_ConnectionsBreak_BringsEveryEventOnce()
    {
        _coordinator.Log.AddRange([Sample.Started(1), Sample.Step(1, 2), Sample.Step(2, 3), Sample.Completed(4)]);
        _coordinator.Breaks.Enqueue((2, new SiloUnavailableException("killed")));
        _coordinator.Breaks.Enqueue((0, new TimeoutException("silent")));
        _coordinator.Breaks.Enqueue((1, new EnumerationAbortedException("moved")));

        var events = await WatchAsync();

        Assert.Equal(_coordinator.Log, events);
        Assert.Equal([0, 2, 2, 3], _coordinator.Watches);
        Assert.NotEmpty(_logger.Messages);
    }

    [Fact]
    public async Task Watch_FallsSilentWithEventsInTheLog_BeginsAgain()
    {
        _coordinator.Log.AddRange([Sample.Started(1), Sample.Step(1, 2), Sample.Completed(3)]);
        _coordinator.Breaks.Enqueue((1, null));
        _coordinator.Breaks.Enqueue((1, null));

        var events = await WatchAsync();

        Assert.Equal(_coordinator.Log, events);
        Assert.Equal([0, 1, 2], _coordinator.Watches);
    }

    [Fact]
    public async Task Watch_NothingNewForLong_GoesOnWaiting()
    {
        _coordinator.Log.Add(Sample.Started(1));
        _coordinator.Breaks.Enqueue((1, null));
        using var enough = new CancellationTokenSource(TimeSpan.FromMinutes(10), _clock);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => WatchUntilAsync(enough.Token));

        Assert.Equal([0], _coordinator.Watches);
        Assert.True(_coordinator.Calls > 100);
    }

    /// <summary>Orleans' call for the next event ends before the silo's own answer that there is none.</summary>
    [Fact]
    public async Task Watch_CallsEndWhileNothingIsNew_BeginsAgainWithoutAWord()
    {
        _coordinator.Log.Add(Sample.Started(1));
        _coordinator.BeforeError = async token =>
        {
            await Task.Delay(TimeSpan.FromSeconds(8), _clock, token);
            if (_coordinator.Watches.Count == 2)
            {
                _coordinator.Log.Add(Sample.Completed(2));
            }
        };
        _coordinator.Breaks.Enqueue((1, new TimeoutException("Response did not arrive on time")));
        _coordinator.Breaks.Enqueue((0, new TimeoutException("Response did not arrive on time")));

        await WatchAsync();

        Assert.Equal([0, 1, 1], _coordinator.Watches);
        Assert.Empty(_logger.Messages);
    }

    [Fact]
    public async Task Watch_RecordLostWithItsSilo_EndsByName()
    {
        _coordinator.Log.Add(Sample.Started(1));
        _coordinator.Breaks.Enqueue((1, new SiloUnavailableException("killed")));
        _coordinator.Phase = RunPhase.Unknown;

        var exception = await Assert.ThrowsAsync<RunNotFoundException>(WatchAsync);

        Assert.Contains("--resume", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_ErrorThatNoRetryMends_IsPassedOn()
    {
        _coordinator.Breaks.Enqueue((0, new InvalidOperationException("broken")));

        await Assert.ThrowsAsync<InvalidOperationException>(WatchAsync);
    }

    [Fact]
    public async Task Watch_NobodyAnswersForMinutes_GivesUpByName()
    {
        for (var attempt = 0; attempt < 1000; attempt++)
        {
            _coordinator.Errors.Enqueue(new TimeoutException("silent"));
        }

        _coordinator.Breaks.Enqueue((0, new TimeoutException("silent")));

        var exception = await Assert.ThrowsAsync<ClusterUnreachableException>(WatchAsync);

        Assert.Contains("5 minutes", exception.Message, StringComparison.Ordinal);
        Assert.InRange(_coordinator.Calls, 30, 200);
    }

    [Fact]
    public async Task Start_AnswerLost_IsRepeated()
    {
        _coordinator.Errors.Enqueue(new TimeoutException("silent"));

        await Advancing(Run.StartAsync(new RunSpec(), TestContext.Current.CancellationToken));

        Assert.Equal(2, _coordinator.Calls);
    }

    [Fact]
    public async Task Cancel_StoreIsAway_SaysOnceWhatItWaitsForAndAsksAgain()
    {
        _coordinator.Errors.Enqueue(new StoreAwayException("it waits for the store of records"));
        _coordinator.Errors.Enqueue(new StoreAwayException("it waits for the store of records"));

        await Advancing(Run.CancelAsync("enough", TestContext.Current.CancellationToken));

        Assert.Equal(["run-1: it waits for the store of records", "run-1: the cluster answers again"], _logger.Messages);
    }

    [Fact]
    public async Task Cancel_NoAnswerForSeconds_SaysSoAndWaitsOn()
    {
        _coordinator.BeforeCancel = token => Task.Delay(TimeSpan.FromSeconds(20), _clock, token);

        await Advancing(Run.CancelAsync("enough", TestContext.Current.CancellationToken));

        Assert.Equal("run-1: no answer from its silo for 5 s; waiting on", Assert.Single(_logger.Messages));
    }

    private Task<List<RunEvent>> WatchAsync() => WatchUntilAsync(TestContext.Current.CancellationToken);

    private async Task<List<RunEvent>> WatchUntilAsync(CancellationToken cancellationToken)
    {
        var events = new List<RunEvent>();
        await Advancing(Task.Run(async () =>
        {
            await foreach (var runEvent in Run.WatchAsync(0, cancellationToken))
            {
                events.Add(runEvent);
            }
        }, CancellationToken.None));
        return events;
    }

    // Time goes on for as long as somebody waits for it.
    private async Task Advancing(Task work)
    {
        while (!work.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TestContext.Current.CancellationToken); // others need a turn
        }

        await work;
    }
}
