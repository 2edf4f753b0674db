using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.Runs.Log;
using Lcnn.Distributed.UnitTests.Cli;

namespace Lcnn.Distributed.UnitTests.Grains;

public sealed class EpochIndexTests
{
    private readonly MemoryRunLogStore _store = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_AsTheRunGoesOn_GivesEachEpochOnceAndTheEnd()
    {
        var index = new EpochIndex("run-1", _store, pageSize: 2);
        await AppendAsync(Sample.Started(1), Sample.Step(1, 2), Sample.Epoch(1, 3), Sample.Step(2, 4));
        var early = await index.ReadAsync(4, Cancellation);
        await AppendAsync(Sample.Epoch(2, 5), Sample.Completed(6));

        var both = await Task.WhenAll(index.ReadAsync(6, Cancellation), index.ReadAsync(6, Cancellation));

        Assert.Equal((1, true), (Assert.Single(early.Epochs).Epoch, early.Final is null));
        Assert.All(both, metrics => Assert.Equal([1, 2], metrics.Epochs.Select(epoch => epoch.Epoch)));
        Assert.All(both, metrics => Assert.Equal((true, 6L), (metrics.HasAllEpochs, metrics.Final!.Sequence)));
    }

    [Fact]
    public async Task Read_LogForgotItsBeginning_GivesWhatThereIsAndSaysSo()
    {
        await AppendAsync(Sample.Epoch(1, 1), Sample.Step(1, 2), Sample.Epoch(2, 3));
        await _store.TrimAsync("run-1", keep: 2, Cancellation);

        var metrics = await new EpochIndex("run-1", _store).ReadAsync(3, Cancellation);

        Assert.Equal((2, false), (Assert.Single(metrics.Epochs).Epoch, metrics.HasAllEpochs));
    }

    private Task<RunLogAppended> AppendAsync(params RunEvent[] events) => _store.AppendAsync("run-1", events, Cancellation);
}
