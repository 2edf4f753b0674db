using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Data.Pickle;
using Lcnn.Distributed.Model.Checkpoints;
using Lcnn.Distributed.Model.Evaluation;
using Lcnn.Distributed.Model.Exchange;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Networks;
using Lcnn.Distributed.UnitTests.Golden;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Exchange;

/// <summary>Networks of others, from their tensors alone to the logits that their own code computes.</summary>
public sealed class ForeignNetworkTests
{
    [Theory]
    [InlineData("tiny_a")]
    [InlineData("tiny_b")]
    [InlineData("tiny_c")]
    public void AuthorsNetwork_FromItsStateDict_HasTheirLogitsAndGoesBackToTheBit(string name)
    {
        using var one = new OneThread();
        using var scope = NewDisposeScope();
        var golden = new TinyNetwork(name);
        var given = golden.Golden.Under("state.").ToDictionary(key => key, key => golden.Golden.Stored("state." + key).Renamed(key));
        using var file = new MemoryStream();
        TorchWriter.Write(file, [.. given.Values]);

        var foreign = ForeignNetwork.Recognise(StateDict.Read(file, name).Tensors, null, name);
        var notes = new List<string>();
        var tensors = ForeignState.Complete(foreign, foreign.Input, name, notes);

        Assert.Equal(golden.Network.Input, foreign.Input);
        Assert.Equal(golden.Network.Classes, foreign.Classes);
        Assert.Equal(WeightsHash.Compute(given.Values), WeightsHash.Compute(tensors));
        Assert.Empty(notes);
        var x = golden.Golden["x"][0];
        var expected = golden.Golden["fwd.logits_eval"];
        Assert.InRange(Difference(Logits(foreign, foreign.Input, tensors, x), expected), 0, 1e-5 + (1e-5 * expected.abs().max().ReadDouble()));
    }

    [Theory]
    [InlineData("basic")]
    [InlineData("bottleneck")]
    public void TorchvisionNetwork_FromItsStateDict_HasItsLogitsWithBatchNormsFolded(string kind)
    {
        using var one = new OneThread();
        using var scope = NewDisposeScope();
        var given = StateDict.Read(StateDictTests.Fixture($"torchvision_{kind}.pt")).Tensors;
        var stored = StateDict.Read(StateDictTests.Fixture($"torchvision_{kind}_logits.pt")).Tensors;
        var images = new ImageShape(3, 32, 32);

        var foreign = ForeignNetwork.Recognise(given, null, kind);
        var tensors = ForeignState.Complete(foreign, images, kind, new List<string>());

        Assert.Equal(3, foreign.Classes);
        Assert.Contains("batch norms were folded", foreign.Notes[^1], StringComparison.Ordinal);
        var expected = Tensor(stored["logits"]);
        Assert.InRange(Difference(Logits(foreign, images, tensors, Tensor(stored["x"])), expected), 0, 1e-5 * Math.Max(1, expected.abs().max().ReadDouble()));
    }

    [Fact]
    public void TorchvisionNetwork_FoldedAlready_IsTakenAsItIs()
    {
        var given = StateDict.Read(StateDictTests.Fixture("torchvision_basic.pt")).Tensors;
        var folded = ForeignNetwork.Recognise(given, null, "once").Tensors;
        var plain = new Dictionary<string, SafeTensor>();
        foreach (var key in given.Keys.Where(key => given[key].Shape.Count == 4))
        {
            var to = key == "conv1.weight" ? "0.0.conv" : Renamed(key);
            plain[key] = folded[$"{to}.weight"].Renamed(key);
            plain[key.Replace("weight", "bias", StringComparison.Ordinal)] = folded[$"{to}.bias"].Renamed(key.Replace("weight", "bias", StringComparison.Ordinal));
        }

        plain["fc.weight"] = given["fc.weight"];
        plain["fc.bias"] = given["fc.bias"];

        var again = ForeignNetwork.Recognise(plain, null, "again");

        Assert.Equal("its batch norms are folded already", again.Notes[^1]);
        Assert.Equal(WeightsHash.Compute(folded.Values), WeightsHash.Compute(again.Tensors.Values));

        static string Renamed(string key)
        {
            var parts = key.Split('.'); // layer2.0.conv1.weight, layer2.0.downsample.0.weight
            return $"{int.Parse(parts[0][5..], null) + 1}.{parts[1]}.{(parts[2] == "downsample" ? "shortcut" : parts[2])}.conv";
        }
    }

    [Fact]
    public void TensorsThatDoNotFit_AreAllNamed()
    {
        var given = StateDict.Read(StateDictTests.Fixture("torchvision_basic.pt")).Tensors.ToDictionary();
        given.Remove("layer1.0.conv2.weight");
        given["more"] = SafeTensor.Create<float>("more", [1f]);
        given["bn1.bias"] = SafeTensor.Create<float>("bn1.bias", [1f, 2f], 2);

        var refused = Assert.Throws<CheckpointException>(() => ForeignNetwork.Recognise(given, null, "odd"));

        Assert.Contains("missing \"layer1.0.conv2.weight\"", refused.Message, StringComparison.Ordinal);
        Assert.Contains("unexpected \"more\"", refused.Message, StringComparison.Ordinal);
        Assert.Contains("\"bn1.bias\" of shape [2] instead of [1]", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LowCurvatureNetwork_SavedBeforeItsFirstPass_GetsItsSingularVectors()
    {
        using var one = new OneThread();
        var golden = new TinyNetwork("tiny_a");
        var given = new Dictionary<string, SafeTensor>();
        foreach (var key in golden.Golden.Under("state.").Where(key => !key.Contains(".conv.parametrizations.weight.0.", StringComparison.Ordinal)))
        {
            var name = key.Replace(".conv.parametrizations.weight.original", ".conv.weight", StringComparison.Ordinal);
            given[name] = golden.Golden.Stored("state." + key).Renamed(name);
        }

        var recipe = ForeignNetwork.Recognise(given, null, "lazy");
        var foreign = ForeignNetwork.Recognise(given, recipe.Description with { Style = NetworkStyles.LowCurvature }, "lazy");
        var notes = new List<string>();
        var tensors = ForeignState.Complete(foreign, golden.Network.Input, "lazy", notes).ToDictionary(tensor => tensor.Name);

        Assert.Contains("--arch", Assert.Single(recipe.Notes), StringComparison.Ordinal);
        Assert.Contains("no singular vectors yet", Assert.Single(notes), StringComparison.Ordinal);
        Assert.Equal(golden.Golden.Under("state.").Order(StringComparer.Ordinal), tensors.Keys.Order(StringComparer.Ordinal));
        Assert.All(tensors.Values.Where(tensor => tensor.Name.EndsWith("conv.parametrizations.weight.0._u", StringComparison.Ordinal)), u =>
            Assert.InRange(u.Values<float>().ToArray().Sum(value => (double)value * value), 1 - 1e-5, 1 + 1e-5));
    }

    [Theory]
    [InlineData("resnet8-lcnn")]
    [InlineData("resnet8")]
    [InlineData("vgg11-recipe")]
    public void BuiltInNetwork_FromItsOwnTensors_IsRecognisedByName(string name)
    {
        var description = NetworkCatalog.Find(name)!;
        var sizes = new Dictionary<string, long> { ["width"] = 4 };
        var images = new ImageShape(3, 32, 32);
        var states = Architectures.Build(description, sizes, images, 10).Initialize(1);
        var tensors = NetworkState.Export(states).ToDictionary(tensor => tensor.Name);
        Array.ForEach(states, state => state.Dispose());

        var foreign = ForeignNetwork.Recognise(tensors, null, name);

        Assert.True(foreign.IsBuiltIn);
        Assert.Equal(name, foreign.Description.Name);
        Assert.Contains("width=4", foreign.Parameters, StringComparison.Ordinal);
        Assert.Equal(WeightsHash.Compute(tensors.Values), WeightsHash.Compute(ForeignState.Complete(foreign, images, name, new List<string>())));
    }

    private static Tensor Logits(ForeignNetwork foreign, ImageShape images, IReadOnlyList<SafeTensor> tensors, Tensor x)
    {
        var network = Architectures.Build(foreign.Description, NetworkSizes.Parse(foreign.Parameters), images, foreign.Classes);
        using var trained = TrainedNetwork.Load(network, tensors.ToDictionary(tensor => tensor.Name), "imported");
        using var parameters = new EffectiveParameters(trained.Layers, Normalization.Running);
        return network.Forward(x, parameters);
    }

    private static Tensor Tensor(SafeTensor stored) => tensor(stored.Values<float>().ToArray(), [.. stored.Shape]);

    private static double Difference(Tensor left, Tensor right) => (left - right).abs().max().ReadDouble();
}
