using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Optimizers;
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
    public void Create_OnAThreadWithSeveralIntraOpThreads_GivesTheBitsOfOneAndLeavesTheSetting(int threads)
    {
        get_num_threads(); // libtorch sets it at a thread's first question
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

    [Fact]
    public void Update_BeyondAllBounds_IsNamedBeforeAnythingIsEvaluatedOrSaved()
    {
        set_num_threads(1);
        var network = SmallNetwork.Build();
        using var owned = new OwnedLayers(network, [0, 1], seed: 5);
        owned.Export();
        foreach (var (_, prepared) in owned.Prepare([.. owned.Indices]))
        {
            prepared.Dispose();
        }

        using var trainer = SmallNetwork.Trained(Precision.Full);
        var (images, labels) = SmallNetwork.Batch(12, Precision.Full);
        var (gradient, _) = trainer.Differentiate(images, labels);
        owned.Apply([KeyValuePair.Create(0, gradient.Layers[0])], SmallNetwork.Options with { Optimizer = new OptimizerStep(LearningRate: 1e300, Number: 1) });

        var path = network.Layers[0].Path;
        foreach (var use in (Func<object>[])[owned.Evaluate, owned.Export])
        {
            var refused = Assert.Throws<NonFiniteWeightsException>(use);
            Assert.Equal(path, refused.Layer);
            Assert.Matches($"^'{path}[^']*' of layer '{path}' is not finite; lower --lr", refused.Message);
        }
    }

    private static List<string> Exported(Range? layers = null)
    {
        var network = Architectures.Build("resnet8-lcnn", new ImageShape(1, 8, 8), 10);
        var (first, count) = (layers ?? ..).GetOffsetAndLength(network.Layers.Count);
        using var owned = new OwnedLayers(network, Enumerable.Range(first, count), seed: 5);
        return [.. owned.Export().Select(tensor => $"{tensor.Name} {Convert.ToHexString(tensor.Data.Span)}")];
    }
}
