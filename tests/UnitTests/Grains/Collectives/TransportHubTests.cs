using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Model.Evaluation;

namespace Lcnn.Distributed.UnitTests.Grains.Collectives;

public sealed class TransportHubTests
{
    [Theory]
    [InlineData(1, 3, "auto", "memory")]
    [InlineData(1, 3, "memory", "memory")]
    [InlineData(1, 3, "stream", "stream")]
    [InlineData(1, 3, "grain", "grain")]
    [InlineData(3, 1, "auto", "stream")]
    [InlineData(3, 1, "stream", "stream")]
    [InlineData(3, 1, "grain", "grain")]
    public async Task Gather_AnyTransport_BringsEveryParcelAndCountsItsBytes(int processes, int ranksEach, string transport, string carrier)
    {
        using var world = new Processes(processes, ranksEach);
        var channels = world.BeginAll(transport);

        await RunAsync(channels, channel =>
        {
            for (var step = 0; step < 20; step++)
            {
                var key = new ParcelKey(ParcelKind.Scores, step);
                channel.Broadcast(key, Parcel(channel.Rank, step));
                foreach (var (rank, parcel) in channel.Gather<ScoresParcel>(key).Index())
                {
                    Assert.Equal(Parcel(rank, step).Batches, parcel.Batches);
                }
            }
        });

        Assert.All(channels, channel => Assert.Equal(20 * 2 * 5 * 16, channel.BytesSent[carrier]));
        Assert.All(channels, channel => Assert.All(channel.BytesSent, sent => Assert.True(sent.Key == carrier || sent.Value == 0)));
    }

    [Fact]
    public async Task Gather_TwoRanksInEachOfTwoProcesses_UsesMemoryWithinAndOneStreamBetween()
    {
        using var world = new Processes(2, ranksEach: 2);
        var channels = world.BeginAll("auto");

        await RunAsync(channels, channel =>
        {
            var key = new ParcelKey(ParcelKind.Scores, 0);
            channel.Broadcast(key, Parcel(channel.Rank, 0));
            channel.Gather<ScoresParcel>(key);
        });

        Assert.All(channels, channel => Assert.Equal((5 * 16, 5 * 16), (channel.BytesSent["memory"], channel.BytesSent["stream"]))); // once for both ranks there
        Assert.Equal(1, world.HubOf(0).Counters.Dials + world.HubOf(2).Counters.Dials);
    }

    [Theory]
    [InlineData("auto", true)]
    [InlineData("auto", false)]
    [InlineData("stream", true)]
    [InlineData("grain", true)]
    public async Task Broadcast_TwoRanksInEachOfTwoProcesses_ReachesEveryRankOnce(string transport, bool hasStream)
    {
        using var world = new Processes(2, ranksEach: 2);
        if (!hasStream)
        {
            for (var rank = 0; rank < world.WorldSize; rank++)
            {
                world.Addresses[rank] = world.Addresses[rank] with { StreamEndpoint = "" };
            }
        }

        var channels = world.BeginAll(transport);

        await RunAsync(channels, channel =>
        {
            for (var step = 0; step < 20; step++)
            {
                var key = new ParcelKey(ParcelKind.Scores, step);
                channel.Broadcast(key, Parcel(channel.Rank, step));
                Assert.All(channel.Gather<ScoresParcel>(key).Index(), entry => Assert.Equal(Parcel(entry.Index, step).Batches, entry.Item.Batches));
            }
        });
    }

    [Theory]
    [InlineData("auto", "0 1 2", "0 2 3")]
    [InlineData("stream", "0 1 2 3", "0 1 2 3")]
    public void SumSenders_TwoRanksInEachOfTwoProcesses_AreThoseNearAndOneForAllElsewhere(string transport, string ofFirst, string ofLast)
    {
        using var world = new Processes(2, ranksEach: 2);

        var channels = world.BeginAll(transport);

        Assert.Equal(ofFirst, string.Join(' ', channels[0].SumSenders));
        Assert.Equal(ofLast, string.Join(' ', channels[3].SumSenders));
    }

    [Fact]
    public void Connect_MemoryBetweenProcesses_NamesTheRanks()
    {
        using var world = new Processes(2);
        world.Open(0);

        var problem = Assert.Throws<WorkerInputException>(() => world.Begin(0, "memory", cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal("transport memory: ranks 0 and 1 are in different processes; use auto, stream or grain", problem.Message);
    }

    private static ScoresParcel Parcel(int rank, int step) => new([.. Enumerable.Range(0, 5).Select(i => new BatchScore(rank + (0.1 * step), i, step))]);

    private static Task RunAsync(RankChannel[] channels, Action<RankChannel> work) => Task.WhenAll(channels.Select(channel =>
        Task.Factory.StartNew(() => work(channel), TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)))
        .WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
}
