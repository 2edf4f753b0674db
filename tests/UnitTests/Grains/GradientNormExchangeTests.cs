using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Grains.Workers;
using Lcnn.Distributed.Model.Training;
using Lcnn.Distributed.UnitTests.Training;

namespace Lcnn.Distributed.UnitTests.Grains;

public sealed class GradientNormExchangeTests
{
    private const double Maximum = 1e6;

    /// <summary>1e16 + 1 is 1e16 in double precision: added first, the large square swallows all others, added last it gets their sum.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task ScaleOf_LayersOfAnyOwners_AddsThemInTheNetworksOrder(int worldSize)
    {
        var network = SmallNetwork.Build();
        var squares = Enumerable.Range(0, network.Layers.Count).Select(layer => layer == 0 ? 1e16 : 1).ToArray();
        var other = GradientClipping.ScaleOf([.. squares.Reverse()], Maximum, _ => "");

        var scales = await ScalesAsync(worldSize, squares);

        Assert.All(scales, scale => Assert.Equal(GradientClipping.ScaleOf(squares, Maximum, _ => ""), scale));
        Assert.All(scales, scale => Assert.NotEqual(other, scale));
    }

    [Fact]
    public async Task ScaleOf_OneSquareIsNotFinite_EveryRankNamesItsLayer()
    {
        var network = SmallNetwork.Build();
        var squares = Enumerable.Range(0, network.Layers.Count).Select(layer => layer == 3 ? double.PositiveInfinity : 1).ToArray();

        var refused = await Assert.ThrowsAsync<NonFiniteGradientException>(() => ScalesAsync(2, squares));

        Assert.Equal(network.Layers[3].Path, refused.Layer);
    }

    private static Task<double[]> ScalesAsync(int worldSize, double[] squares)
    {
        var (network, mailboxes) = (SmallNetwork.Build(), new Mailboxes());
        var all = Enumerable.Range(0, worldSize).Select(rank =>
            new RankChannel(rank, worldSize, mailboxes, mailboxes.MailboxOf(rank), new RankActivity(), TestContext.Current.CancellationToken)).ToList();
        // The last rank owns the first layer.
        return Task.WhenAll(all.Select(channel => Task.Run(() => GradientNormExchange.ScaleOf(
            channel, step: 4, [.. squares.Index().Where(layer => worldSize - 1 - (layer.Index % worldSize) == channel.Rank).Select(layer => KeyValuePair.Create(layer.Index, layer.Item))],
            network, Maximum))));
    }
}
