using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Model.Curvature;
using Lcnn.Distributed.Model.Evaluation;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Training;
using Lcnn.Distributed.UnitTests.Golden;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Training;

/// <summary>Passes that libtorch refuses for real: each is an exception with its place, and the thread can go on computing.</summary>
public sealed class RefusedPassTests
{
    private const int Count = 12;

    [Theory]
    [InlineData(LossKind.CrossEntropy)]
    [InlineData(LossKind.GradientNorm)]
    public void Backward_WithoutMemory_NamesThePassAndTheNextOneHasTheRightBits(LossKind loss)
    {
        using var one = new OneThread();
        using var trainer = SmallNetwork.Trained(Precision.Full);
        using var computation = Computation(trainer, loss);
        using var insatiable = Computation(trainer, loss, wantsTooMuchMemory: true);
        using var expected = computation.Compute(Samples());

        var refused = Assert.Throws<LibtorchException>(() => insatiable.Compute(Samples()));

        Assert.True(refused.IsOutOfMemory);
        Assert.Matches("^out of memory in the backward pass at layer '[^']+': DefaultCPUAllocator: can't allocate memory", refused.Message);
        using var next = computation.Compute(Samples());
        Assert.All(expected.Layers.Zip(next.Layers), pair => Assert.Equal(TensorLayout.ToBytes(pair.First.Flat()), TensorLayout.ToBytes(pair.Second.Flat())));
    }

    [Theory]
    [InlineData(LossKind.CrossEntropy, "the backward pass at layer '0.0'")]
    [InlineData(LossKind.GradientNorm, "the backward pass to the images at layer '0.0'")]
    public void Backward_WeightsOverwrittenSinceForward_IsNamed(LossKind loss, string place)
    {
        using var one = new OneThread();
        using var trainer = SmallNetwork.Trained(Precision.Full);
        var layers = trainer.Evaluate();
        using var computation = Computation(trainer, loss, layers, Normalization.Global);
        using var pass = computation.Begin(Samples(), (_, gradient) => gradient.Dispose());
        var shares = pass.Advance(); // at the first batch norm
        layers[0].Effective[0].zero_();

        var refused = Assert.Throws<LibtorchException>(() =>
        {
            while (shares is not null)
            {
                shares = pass.Advance(shares);
            }
        });

        Assert.False(refused.IsOutOfMemory);
        Assert.StartsWith($"libtorch failed in {place}", refused.Message, StringComparison.Ordinal);
        Assert.Contains("modified by an inplace operation", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Forward_ImagesOfAnotherShape_NamesTheLayer()
    {
        using var one = new OneThread();
        using var trainer = SmallNetwork.Trained(Precision.Full);
        using var samples = new SampleBatch(randn(Count, 5, 8, 8), zeros(Count, dtype: ScalarType.Int64));

        var refused = Assert.Throws<LibtorchException>(() => Computation(trainer, LossKind.CrossEntropy).Compute(samples));

        Assert.StartsWith($"libtorch failed in the forward pass at layer '{trainer.Network.Layers[0].Path}': ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Forward_LabelOutOfRange_IsNamed()
    {
        using var one = new OneThread();
        using var trainer = SmallNetwork.Trained(Precision.Full);
        using var samples = new SampleBatch(randn(Count, 2, 8, 8), full(Count, 99, dtype: ScalarType.Int64));

        Assert.StartsWith(
            "libtorch failed in the loss: Target 99 is out of bounds",
            Assert.Throws<LibtorchException>(() => Computation(trainer, LossKind.CrossEntropy).Compute(samples)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluation_LabelOutOfRange_IsNamed()
    {
        using var one = new OneThread();
        using var trainer = SmallNetwork.Trained(Precision.Full);
        using var threads = new ComputeThreads(1, "test");
        var data = new ImageData(new byte[2 * 8 * 8], [9], channels: 2, height: 8, width: 8, classes: 10, pixelMaximum: 255);

        var refused = Assert.Throws<LibtorchException>(() => Evaluator.Score(trainer.Network, trainer.Evaluate(), data, .., threads));

        Assert.StartsWith("libtorch failed in the evaluation: Target 9 is out of bounds", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ChainRule_GradientOfAnotherShape_NamesTheLayer()
    {
        using var one = new OneThread();
        using var trainer = SmallNetwork.Trained(Precision.Full);
        using var owner = new LayerOwner(trainer.States[0]);
        LayerOwner.Prepare([owner])[0].Dispose();

        var refused = Assert.Throws<LibtorchException>(() => LayerOwner.Apply(
            [(owner, new LayerGradient([ones(5, 4, 3, 2), ones(7), ones(1)], BatchStatistics.Of(2, new double[4], new double[4])))], SmallNetwork.Options));

        Assert.StartsWith($"libtorch failed in the chain rule of layer '{owner.Layer.Path}': ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Curvature_WeightsOverwrittenBetweenIterations_IsNamed()
    {
        using var one = new OneThread();
        using var trainer = SmallNetwork.Trained(Precision.Full);
        var layers = trainer.Evaluate();
        using var samples = Samples();

        var refused = Assert.Throws<LibtorchException>(() => CurvatureEstimator.Measure(
            trainer.Network, layers, samples, samples.Images, iterations: 3, advanced: () => layers[0].Effective[0].mul_(1)));

        Assert.StartsWith("libtorch failed in the backward pass at layer '", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Curvature_ImagesOfAnotherShape_NamesTheLayer()
    {
        using var one = new OneThread();
        using var trainer = SmallNetwork.Trained(Precision.Full);
        using var samples = new SampleBatch(randn(Count, 5, 8, 8), zeros(Count, dtype: ScalarType.Int64));

        Assert.StartsWith(
            "libtorch failed in the forward pass at layer '",
            Assert.Throws<LibtorchException>(() => CurvatureEstimator.Measure(trainer.Network, trainer.Evaluate(), samples, samples.Images, iterations: 1)).Message,
            StringComparison.Ordinal);
    }

    private static ShardComputation Computation(
        LocalTrainer trainer, LossKind loss, IReadOnlyList<PreparedLayer>? layers = null, Normalization normalization = Normalization.Shard, bool wantsTooMuchMemory = false) =>
        new(trainer.Network, SmallNetwork.Objective with { Kind = loss }, layers ?? trainer.Evaluate(), Count, normalization) { WantsTooMuchMemory = wantsTooMuchMemory };

    private static SampleBatch Samples()
    {
        var (images, labels) = SmallNetwork.Batch(Count, Precision.Full);
        return new SampleBatch(images, labels);
    }
}
