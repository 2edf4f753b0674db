using Lcnn.Distributed.Client.Networks;
using Lcnn.Distributed.Model.Checkpoints;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Own;
using Lcnn.Distributed.Networks;

namespace Lcnn.Distributed.UnitTests.Own;

/// <summary>Operations of one's own in descriptions and in checkpoints.</summary>
public sealed class OwnLayerTests
{
    private static readonly OwnLayerKinds _kinds = new(new ForwardGate(), new WrittenGate(), new Moments());

    [Fact]
    public void State_OfAnOwnLayer_HasItsNamesAndFollowsFromTheSeedAlone()
    {
        var network = Build(layers => layers.Conv(4).Add("gate", ("start", 0.25)).Add("moments").Classes());

        var (one, same, other) = (Export(network, 5), Export(network, 5), Export(network, 6));

        Assert.Equal(["1.slope", "1.shift"], one.Keys.Where(key => key.StartsWith("1.", StringComparison.Ordinal)));
        Assert.Equal(one["1.shift"], same["1.shift"]);
        Assert.NotEqual(one["1.shift"], other["1.shift"]);
        Assert.Equal([.. Enumerable.Repeat(0.25f, 4).SelectMany(BitConverter.GetBytes)], one["1.slope"]);
    }

    [Theory]
    [InlineData("gate", "strat", 1, "layers[1].gate.strat: unknown argument 'strat', expected one of start; did you mean 'start'?")]
    [InlineData("gate", "start", 11, "layers[1].gate.start: expected a number from -10 to 10, got '11'")]
    [InlineData("gatee", "start", 1, "layers[1]: unknown layer 'gatee', expected one of")]
    public void Description_WithAMistakeInAnOwnLayer_IsRefusedByPlace(string kind, string argument, int value, string expected)
    {
        var refused = Assert.Throws<ArgumentException>(() => Build(layers => layers.Conv(4).Add(kind, (argument, value)).Flatten().Classes()));

        Assert.StartsWith($"mine: {expected}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Description_WhoseImagesDoNotFitAnOwnLayer_NamesTheLayer()
    {
        var misfit = Assert.Throws<NetworkShapeException>(() => Build(layers => layers.Flatten().Add("moments").Classes()));

        Assert.Equal("mine: layer 1 (layers[1].moments): expected images, got a row of 128 numbers; put it before 'flatten'", misfit.Message);
    }

    [Fact]
    public void Description_OfYaml_IsTheOneOfCSharp()
    {
        var described = NetworkLayers.Describe("mine", layers => layers.Parameter("width", 4).Conv("2*width").Add("gate", ("start", 0.5)).Repeat(2, inner => inner.Activation()).Flatten().Classes());

        var read = NetworkFile.Parse(described.ToYaml(), kinds: _kinds.Elements).Description;

        Assert.Equal(described.ToJson(), read.ToJson());
        Assert.Equal(["gate"], read.OwnKinds);
    }

    [Fact]
    public void Kinds_OfATakenOrImpossibleName_AreRefused()
    {
        Assert.Contains("the operation 'gate' is added twice", Assert.Throws<ArgumentException>(() => new OwnLayerKinds(new ForwardGate(), new ForwardGate())).Message, StringComparison.Ordinal);
        Assert.Contains("no built-in layer has, got 'conv'", Assert.Throws<ArgumentException>(() => new OwnLayerKinds(new NamedKind("conv"))).Message, StringComparison.Ordinal);
        Assert.Contains("got 'a b'", Assert.Throws<ArgumentException>(() => new OwnLayerKinds(new NamedKind("a b"))).Message, StringComparison.Ordinal);
    }

    private static Network Build(Action<NetworkLayers> layers) =>
        Architectures.Build(NetworkLayers.Describe("mine", layers), new Dictionary<string, long>(), new ImageShape(2, 8, 8), 4, own: _kinds);

    private static Dictionary<string, byte[]> Export(Network network, long seed)
    {
        var states = network.Initialize(seed);
        var tensors = NetworkState.Export(states).ToDictionary(tensor => tensor.Name, tensor => tensor.Data.ToArray());
        Array.ForEach(states, state => state.Dispose());
        return tensors;
    }

    private sealed class NamedKind(string name) : ForwardLayerKind
    {
        public override string Name => name;

        public override SampleShape OutputOf(SampleShape input, PlannedLayer arguments) => input;

        public override TorchSharp.torch.Tensor Forward(TorchSharp.torch.Tensor x, OwnLayer layer, IReadOnlyList<TorchSharp.torch.Tensor> parameters) => x;
    }
}
