using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Model.Training;
using Lcnn.Distributed.UnitTests.Training;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Grains;

[Collection(nameof(TensorCount))]
public sealed class LayerExchangeTests
{
    private static readonly ParcelKey _key = new(ParcelKind.Prepared, Step: 0);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Collect_EveryRankShared_GivesEveryRankAllLayersAndLeavesNoTensor(int worldSize)
    {
        set_num_threads(1);
        var network = SmallNetwork.Build();
        var owners = OwnerPlan.Assign(network, worldSize);
        var channels = Channels(worldSize);
        var owned = channels.Select(channel => new OwnedLayers(network, Enumerable.Range(0, owners.Length).Where(i => owners[i] == channel.Rank), seed: 1)).ToList();
        using var alone = new OwnedLayers(network, Enumerable.Range(0, owners.Length), seed: 1);
        var expected = alone.Evaluate();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = Tensor.TotalCount;

        foreach (var (channel, layers) in channels.Zip(owned))
        {
            LayerExchange.Share(channel, _key, layers.Evaluate());
        }

        foreach (var channel in channels)
        {
            var (layers, stop) = LayerExchange.Collect(channel, _key, owners.Length);
            Assert.False(stop);
            foreach (var (index, layer) in expected)
            {
                Assert.Equal(
                    layer.Effective.SelectMany(t => t.detach().clone().data<float>().ToArray()),
                    layers[index].Effective.SelectMany(t => t.detach().clone().data<float>().ToArray()));
                Assert.Equal(layer.Penalty, layers[index].Penalty);
            }

            Array.ForEach(layers, layer => layer.Dispose());
        }

        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.Equal(before, Tensor.TotalCount);
        Assert.Equal(
            (worldSize - 1) * expected.Sum(layer => layer.Value.ByteCount), channels.Sum(channel => channel.BytesSent["memory"]));
        owned.ForEach(layers => layers.Dispose());
        expected.ToList().ForEach(layer => layer.Value.Dispose());
    }

    [Fact]
    public void Collect_OneRankAsksForTheStop_AllLearnOfIt()
    {
        var channels = Channels(2);
        LayerExchange.Share(channels[0], _key, [], stopRequested: true);
        LayerExchange.Share(channels[1], _key, []);

        Assert.All(channels, channel => Assert.True(LayerExchange.Collect(channel, _key, 0).StopRequested));
    }

    private static List<RankChannel> Channels(int worldSize)
    {
        var mailboxes = new Mailboxes();
        return [.. Enumerable.Range(0, worldSize).Select(rank => new RankChannel(rank, worldSize, mailboxes, mailboxes.MailboxOf(rank), new RankActivity(), CancellationToken.None))];
    }
}
