using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Own;
using Lcnn.Distributed.Model.Training;
using Lcnn.Distributed.Networks;
using Lcnn.Distributed.UnitTests.Golden;
using Lcnn.Distributed.UnitTests.Own;
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

    public static MatrixTheoryData<string, LossKind, Normalization> Declared { get; } = new([NetworkStyles.LowCurvature], Enum.GetValues<LossKind>(), Enum.GetValues<Normalization>());

    private const string Everything = """
        {"name": "everything", "style": "STYLE", "layers": [
            {"conv": {"channels": 6, "kernel": 5, "stride": 2, "padding": 3, "bias": true, "norm": "none"}}, "norm", {"activation": {"shared": "a"}},
            {"averagePool": {"kernel": 2, "stride": 1}},
            {"preactivation": {"channels": 6}}, {"preactivation": {"channels": 8, "stride": 2, "blocks": 2}},
            {"norm": {"kind": "batch"}}, {"activation": {"kind": "centered-softplus"}},
            {"bottleneck": {"channels": 2}}, {"bottleneck": {"channels": 3}}, {"activation": {"shared": "a"}},
            {"conv": {"channels": 7, "kernel": 4, "padding": 2, "norm": "lipschitz"}}, {"maxPool": {"kernel": 3, "stride": 2, "padding": 1}},
            {"conv": {"channels": 14, "groups": 7, "bias": true}}, {"conv": {"channels": 6, "kernel": 1, "groups": 2}}, "activation", {"residual": {"channels": 7}},
            "flatten", {"linear": {"features": 9}}, "activation", {"repeat": {"times": 2, "layers": [{"linear": {"features": 8, "spectral": false}}, {"activation": {"kind": "softplus"}}]}},
            {"linear": {"features": "classes"}}]}
        """;

    private const string Plain = """
        {"name": "plain", "style": "STYLE", "layers": [
            {"conv": {"channels": 6, "kernel": 7, "stride": 2, "bias": true, "norm": "none"}}, "activation", {"maxPool": {"kernel": 3, "stride": 2, "padding": 1}},
            {"basic": {"channels": 6}}, {"basic": {"channels": 8, "stride": 2, "norm": "none"}}, {"bottleneck": {"channels": 3, "norm": "none"}},
            "globalAveragePool", {"linear": {"features": "classes", "spectral": false}}]}
        """;

    private static readonly ImageShape _images = new(1, 16, 16);

    public static MatrixTheoryData<LossKind, int> Shards { get; } = new(Enum.GetValues<LossKind>(), [2, 4, 8]);

    [Theory]
    [MemberData(nameof(Cases))]
    public void OneShard_EveryNetworkLossAndNormalization_HasTheGradientsOfOneGraph(string architecture, LossKind loss, Normalization normalization) =>
        Check(architecture, loss, normalization, shards: 1);

    [Theory]
    [MemberData(nameof(Shards))]
    public void GlobalBatchNorm_AnyNumberOfShards_HasTheGradientsOfOneGraphOverTheWholeBatch(LossKind loss, int shards) =>
        Check("resnet8-lcnn", loss, Normalization.Global, shards);

    /// <summary>Every kind of layer and block that a description may have, in sizes that are not square, even or alike.</summary>
    [Theory]
    [MemberData(nameof(Declared))]
    [InlineData(NetworkStyles.LowBeta, LossKind.GradientNorm, Normalization.Shard)] // through so many layers softplus(1e3) makes a thousandfold of double's rounding, on AMD above the bound
    [InlineData(NetworkStyles.Rectified, LossKind.GradientNorm, Normalization.Running)]
    public void OneShard_EveryKindOfLayer_HasTheGradientsOfOneGraph(string style, LossKind loss, Normalization normalization) =>
        Check(Architectures.Build(NetworkDescription.Parse(Everything.Replace("STYLE", style, StringComparison.Ordinal)), new Dictionary<string, long>(), _images, SmallNetwork.Classes), loss, normalization, shards: 1);

    /// <summary>The blocks and the stem of torchvision's networks, with batch norms and, as they are once those are folded, without.</summary>
    [Theory]
    [InlineData(NetworkStyles.LowCurvature, LossKind.CurvatureAndGradientNorm, Normalization.Global)]
    [InlineData(NetworkStyles.Rectified, LossKind.GradientNorm, Normalization.Running)]
    public void OneShard_BlocksOfTorchvision_HaveTheGradientsOfOneGraph(string style, LossKind loss, Normalization normalization) =>
        Check(Architectures.Build(NetworkDescription.Parse(Plain.Replace("STYLE", style, StringComparison.Ordinal)), new Dictionary<string, long>(), _images, SmallNetwork.Classes), loss, normalization, shards: 1);

    [Theory]
    [InlineData(LossKind.Curvature)]
    [InlineData(LossKind.CurvatureAndGradientNorm)]
    [InlineData(LossKind.Cure)]
    [InlineData(LossKind.Adversarial)]
    public void GlobalBatchNorm_EveryKindOfLayerInFourShards_HasTheGradientsOfOneGraphOverTheWholeBatch(LossKind loss) =>
        Check(Architectures.Build(NetworkDescription.Parse(Everything.Replace("STYLE", NetworkStyles.LowCurvature, StringComparison.Ordinal)), new Dictionary<string, long>(), _images, SmallNetwork.Classes), loss, Normalization.Global, shards: 4);

    /// <summary>Operations of a program's own, written and left to libtorch, at the beginning, on images and on rows, with a buffer, with another shape.</summary>
    [Theory]
    [MemberData(nameof(Declared))]
    public void OneShard_OperationsOfOnesOwn_HaveTheGradientsOfOneGraph(string style, LossKind loss, Normalization normalization) => Check(OwnOperations(style), loss, normalization, shards: 1);

    [Theory]
    [MemberData(nameof(Shards))]
    public void GlobalBatchNorm_OperationsOfOnesOwnInAnyNumberOfShards_HaveTheGradientsOfOneGraph(LossKind loss, int shards) =>
        Check(OwnOperations(NetworkStyles.LowCurvature), loss, Normalization.Global, shards);

    private static Network OwnOperations(string style) => Architectures.Build(
        NetworkLayers.Describe("own", layers => layers.Style(style)
            .Add("gate").Conv(6).Add("writtenGate", ("start", 0.3)).MaxPool().Conv(4).Add("gate", ("start", -1)).Activation().Add("moments").Linear(9).Add("writtenGate").Add("gate").Classes()),
        new Dictionary<string, long>(), _images, SmallNetwork.Classes, own: new OwnLayerKinds(new ForwardGate(), new WrittenGate(), new Moments()));

    private static void Check(string architecture, LossKind loss, Normalization normalization, int shards) =>
        Check(Architectures.Build(architecture, _images, SmallNetwork.Classes), loss, normalization, shards);

    private static void Check(Network network, LossKind loss, Normalization normalization, int shards)
    {
        using var one = new OneThread();
        using var scope = NewDisposeScope();
        var objective = SmallNetwork.Objective with { Kind = loss };
        using var trainer = new LocalTrainer(network, network.Initialize(seed: 5, Precision.Extended), objective);
        using var draws = new Generator(7);
        var images = randn([Count, 1, 16, 16], dtype: ScalarType.Float64, generator: draws);
        var labels = randint(0, SmallNetwork.Classes, [Count], dtype: ScalarType.Int64, generator: draws);
        trainer.Step(images, labels, SmallNetwork.Options with { Objective = objective });

        var (actual, terms) = trainer.Differentiate(images, labels, shards, normalization);

        // The same state: Differentiate made the power iteration, which Evaluate does not repeat.
        var expected = OneGraph.Differentiate(network, trainer.Evaluate(), objective, normalization, images, labels);
        AssertClose(expected.CrossEntropy, terms.CrossEntropy);
        if (objective.HasGradientTerm)
        {
            AssertClose(expected.GradientTerm, terms.GradientNorm);
        }

        Assert.All(expected.Gradients.Zip(actual.Layers), pair => Assert.InRange(
            (pair.First - pair.Second.Flat()).norm().ReadDouble(), 0, Tolerance * Math.Max(1e-3, pair.First.norm().ReadDouble())));
        actual.Dispose();
    }

    private static void AssertClose(double expected, double actual) => Assert.Equal(expected, actual, Tolerance * Math.Abs(expected));
}
