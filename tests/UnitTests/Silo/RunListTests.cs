using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Silo.Api;
using Lcnn.Distributed.UnitTests.Cli;
using Microsoft.Extensions.Time.Testing;

namespace Lcnn.Distributed.UnitTests.Silo;

public sealed class RunListTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly FakeHost _cluster = new()
    {
        Runs = [new RunEntry("run-1", default, RunPhase.Starting, "digits", "mlp4-lcnn", 1, "runs/run-1", null)],
        Events = [Sample.Epoch(1), Sample.Epoch(2)],
    };

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_OfARunThatGoesOn_TellsItsNewestEpoch()
    {
        var item = Assert.Single((await ReadAsync()).Runs);

        Assert.Equal((RunPhase.Training, RunPhase.Training, 2), (item.Run.Phase, item.Status?.Phase, item.Newest?.Epoch));
    }

    [Fact]
    public async Task Read_OfARunWhoseRecordIsGone_ListsItAsItWas()
    {
        _cluster.Status = _ => Task.FromException<RunStatus>(new RunNotFoundException("run-1"));

        var item = Assert.Single((await ReadAsync()).Runs);

        Assert.Equal((RunPhase.Starting, null), (item.Run.Phase, item.Status));
    }

    [Fact]
    public async Task Read_OfARunThatDoesNotAnswer_ListsItAsItWasAfterAWhile()
    {
        var asked = new TaskCompletionSource();
        _cluster.Status = async cancellationToken =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new InvalidOperationException();
        };

        var reading = ReadAsync();
        await asked.Task.WaitAsync(Token);
        _clock.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(RunPhase.Starting, Assert.Single((await reading).Runs).Run.Phase);
    }

    private Task<RunsAnswer> ReadAsync() => new RunList(null, null, null, null, []).ReadAsync(_cluster, _clock, null, 10, Token);
}
