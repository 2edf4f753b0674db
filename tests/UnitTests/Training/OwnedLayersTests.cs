using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Training;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Training;

// libtorch's default number of threads is of the whole process.
[Collection(nameof(TensorCount))]
public sealed class OwnedLayersTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Create_OnAThreadWithSeveralIntraOpThreads_GivesTheBitsOfOneAndPutsTheSettingBack(int threads)
    {
        set_num_threads(1);
        var expected = Exported();
        set_num_threads(threads);
        try
        {
            Assert.Equal(expected, Exported());
            Assert.Equal(threads, get_num_threads());
        }
        finally
        {
            set_num_threads(1);
        }
    }

    [Fact]
    public void Create_PartsOfANetwork_AreThoseOfTheWhole()
    {
        set_num_threads(1);
        var whole = Exported();

        Assert.Equal(whole, [.. Exported(..3), .. Exported(3..)]);
    }

    private static List<string> Exported(Range? layers = null)
    {
        var network = Architectures.Build("resnet8-lcnn", new ImageShape(1, 8, 8), 10);
        var (first, count) = (layers ?? ..).GetOffsetAndLength(network.Layers.Count);
        using var owned = new OwnedLayers(network, Enumerable.Range(first, count), seed: 5);
        return [.. owned.Export().Select(tensor => $"{tensor.Name} {Convert.ToHexString(tensor.Data.Span)}")];
    }
}
