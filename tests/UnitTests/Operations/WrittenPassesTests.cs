using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Training;
using Lcnn.Distributed.UnitTests.Golden;
using Lcnn.Distributed.UnitTests.Training;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Operations;

/// <summary>The four written passes against one graph over the whole batch that libtorch differentiates, once or twice.</summary>
public sealed class WrittenPassesTests
{
    private const int Count = 24;

    // Double rounding, through seven to eleven convolutions and their batch norms.
    private const double Tolerance = 1e-11;

    public static MatrixTheoryData<string, LossKind, Normalization> Cases { get; } = new(
        ["resnet8-lcnn", "resnet8", "resnet8-relu", "vgg11-lcnn"], Enum.GetValues<LossKind>(), Enum.GetValues<Normalization>());

    public static MatrixTheoryData<LossKind, int> Shards { get; } = new(Enum.GetValues<LossKind>(), [2, 4, 8]);

    [Theory]
    [MemberData(nameof(Cases))]
    public void OneShard_EveryNetworkLossAndNormalization_HasTheGradientsOfOneGraph(string architecture, LossKind loss, Normalization normalization) =>
        Check(architecture, loss, normalization, shards: 1);

    [Theory]
    [MemberData(nameof(Shards))]
    public void GlobalBatchNorm_AnyNumberOfShards_HasTheGradientsOfOneGraphOverTheWholeBatch(LossKind loss, int shards) =>
        Check("resnet8-lcnn", loss, Normalization.Global, shards);

    private static void Check(string architecture, LossKind loss, Normalization normalization, int shards)
    {
        using var one = new OneThread();
        using var scope = NewDisposeScope();
        var objective = SmallNetwork.Objective with { Kind = loss };
        var network = Architectures.Build(architecture, new ImageShape(1, 16, 16), SmallNetwork.Classes);
        using var trainer = new LocalTrainer(network, network.Initialize(seed: 5, Precision.Extended), objective);
        using var draws = new Generator(7);
        var images = randn([Count, 1, 16, 16], dtype: ScalarType.Float64, generator: draws);
        var labels = randint(0, SmallNetwork.Classes, [Count], dtype: ScalarType.Int64, generator: draws);
        trainer.Step(images, labels, SmallNetwork.Options with { Objective = objective });

        var (actual, terms) = trainer.Differentiate(images, labels, shards, normalization);

        // The same state: Differentiate made the power iteration, which Evaluate does not repeat.
        var expected = OneGraph.Differentiate(network, trainer.Evaluate(), objective, normalization, images, labels);
        AssertClose(expected.CrossEntropy, terms.CrossEntropy);
        if (objective.HasGradientNorm)
        {
            AssertClose(expected.GradientNorm, terms.GradientNorm);
        }

        Assert.All(expected.Gradients.Zip(actual.Layers), pair => Assert.InRange(
            (pair.First - pair.Second.Flat()).norm().ReadDouble(), 0, Tolerance * Math.Max(1e-3, pair.First.norm().ReadDouble())));
        actual.Dispose();
    }

    private static void AssertClose(double expected, double actual) => Assert.Equal(expected, actual, Tolerance * Math.Abs(expected));
}
