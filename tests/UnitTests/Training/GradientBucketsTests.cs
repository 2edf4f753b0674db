using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Operations;
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
        using var computation = new ShardComputation(network, Objective(loss), layers, 12) { Buckets = buckets };
        using var pass = computation.Begin(Samples(), (bucket, gradient) =>
        {
            numbers.Add(bucket);
            Assert.Equal(expected.Terms, gradient.Terms);
            gradient.Layers.Select(layer => layer.Flat()).ToArray().CopyTo(flats, buckets.LayersOf(bucket).Start.Value);
        });
        pass.Advance();

        Assert.Equal(Enumerable.Range(0, buckets.Count), numbers);
        Assert.All(expected.Layers.Zip(flats), pair => Assert.Equal(TensorLayout.ToBytes(pair.First.Flat()), TensorLayout.ToBytes(pair.Second)));
    }

    [Fact]
    public void Backward_NodeOfTheLastLayerPassed_TheOthersHaveNoGradientYet()
    {
        using var one = new OneThread();
        using var trainer = SmallNetwork.Trained(Precision.Full);
        var network = trainer.Network;
        using var parameters = new EffectiveParameters(trainer.Evaluate(), Normalization.Shard);
        using var tape = new Tape(network, parameters);
        using var gradients = new ParameterGradients(network.Layers);
        using var logits = tape.Run(Pass.Forward, SmallNetwork.Batch(12, Precision.Full).Images)!;
        var last = network.Layers.Count - 1;
        var passed = new List<int>();

        tape.Run(Pass.Backward, ones_like(logits), gradients, node =>
        {
            if (passed.Count == 0)
            {
                Assert.Equal(network.Layers[last].EffectiveCount, gradients.Take(last).Sum(t => t.numel()));
                Assert.Throws<InvalidOperationException>(() => gradients.Take(last - 1));
            }

            passed.Add(node);
        });

        Assert.Equal(Enumerable.Range(0, network.Nodes.Count).Reverse(), passed);
    }

    [Theory]
    [InlineData("resnet8-lcnn", 1, 15)]
    [InlineData("resnet8-lcnn", GradientBuckets.DefaultBytes, 1)]
    [InlineData("resnet18-lcnn", GradientBuckets.DefaultBytes, 11)]
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
