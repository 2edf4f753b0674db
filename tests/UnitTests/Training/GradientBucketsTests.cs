using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Training;
using Lcnn.Distributed.UnitTests.Golden;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Training;

/// <summary>Buckets decide when gradients leave, and nothing else.</summary>
public sealed class GradientBucketsTests
{
    private static readonly ImageShape _input = new(1, 16, 16);

    public static MatrixTheoryData<string, long, LossKind> Cases { get; } =
        new(["resnet8-lcnn", "resnet8", "vgg11-lcnn"], [1, 30_000, 1 << 20], [LossKind.CrossEntropy, LossKind.GradientNorm]);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Compute_InBuckets_GivesTheBitsOfOnePass(string architecture, long bytes, LossKind loss)
    {
        using var one = new OneThread();
        using var scope = NewDisposeScope();
        var network = Architectures.Build(architecture, _input, SmallNetwork.Classes);
        using var trainer = new LocalTrainer(network, network.Initialize(seed: 5), Objective(loss));
        var layers = trainer.Evaluate();
        var buckets = new GradientBuckets(network, bytes);
        using var expected = new ShardComputation(network, Objective(loss), layers, 12).Compute(Samples());

        var numbers = new List<int>();
        var flats = new Tensor[network.Layers.Count];
        using var pass = new ShardComputation(network, Objective(loss), layers, 12) { Buckets = buckets }.Forward(Samples());
        pass.Backward((bucket, gradient) =>
        {
            numbers.Add(bucket);
            Assert.Equal(expected.Terms, gradient.Terms);
            gradient.Layers.Select(layer => layer.Flat).ToArray().CopyTo(flats, buckets.LayersOf(bucket).Start.Value);
        });

        Assert.Equal(Enumerable.Range(0, buckets.Count), numbers);
        Assert.All(expected.Layers.Zip(flats), pair => Assert.Equal(TensorLayout.ToBytes(pair.First.Flat), TensorLayout.ToBytes(pair.Second)));
    }

    [Fact]
    public void Compute_FirstBucketReady_BackwardHasNotReachedTheOthers()
    {
        using var one = new OneThread();
        using var scope = NewDisposeScope();
        var network = SmallNetwork.Build();
        using var trainer = SmallNetwork.Trained(Precision.Full);
        var pass = new ForwardPass(Normalization.Batch, trainer.Evaluate()) { TracksUses = true };
        var (images, _) = SmallNetwork.Batch(12, Precision.Full);
        var stages = BackwardStages.Forward(network, new GradientBuckets(network, 1), images, pass);

        var first = stages.Backward(stages.Output.sum()).First();

        Assert.Equal(network.Layers.Count - 1, first);
        Assert.Equal(network.Layers[first].EffectiveCount, stages.TakeGradient(first).numel());
        Assert.Throws<InvalidOperationException>(() => stages.TakeGradient(first - 1));
    }

    [Theory]
    [InlineData("resnet8-lcnn", 1, 6)]
    [InlineData("resnet8-lcnn", GradientBuckets.DefaultBytes, 1)]
    [InlineData("resnet18-lcnn", GradientBuckets.DefaultBytes, 7)]
    [InlineData("vgg11-lcnn", GradientBuckets.DefaultBytes, 7)]
    public void Buckets_OfAnySize_HoldEveryLayerOnceFromTheLastToTheFirst(string architecture, long bytes, int count)
    {
        var network = Architectures.Build(architecture, _input, SmallNetwork.Classes);

        var buckets = new GradientBuckets(network, bytes);

        Assert.Equal(count, buckets.Count);
        var layers = Enumerable.Range(0, count).Reverse().SelectMany(bucket => network.Layers.Take(buckets.LayersOf(bucket)));
        Assert.Equal(network.Layers, layers);
    }

    private static Objective Objective(LossKind loss) => new(loss, BetaWeight: 1e-3, GammaWeight: 1e-3, GradientNormWeight: 1e-3);

    private static SampleBatch Samples()
    {
        using var draws = new Generator(7);
        return new SampleBatch(randn([12, 1, 16, 16], generator: draws), randint(0, SmallNetwork.Classes, [12], dtype: ScalarType.Int64, generator: draws));
    }
}
