using System.Text.Json;
using Lcnn.Distributed.Client.Networks;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Networks;

namespace Lcnn.Distributed.UnitTests.Networks;

/// <summary>Networks as users write them: what is read, what is refused and where.</summary>
public sealed class NetworkFileTests
{
    private const string Valid = """
        name: mine
        style: lcnn
        parameters: {width: 8, blocks: 2}
        layers:
          - sequence:
              - conv: {channels: width}
              - activation
          - residual: {channels: 2*width, stride: 2, blocks: blocks}
          - repeat:
              times: blocks - 1
              layers:
                - conv: {channels: (width + 8)/2, kernel: 1, norm: none}
          - dropout: {rate: 0.25}
          - globalAveragePool
          - flatten
          - linear: {features: classes}
        """;

    /// <summary>What is wrong, and the start of what is said of it.</summary>
    public static TheoryData<string, string, string> Malformed => new()
    {
        { "  - sequence:", "  - sequenze:", "n.yaml:5:5: layers[0]: unknown layer 'sequenze', expected one of sequence, repeat" },
        { "conv: {channels: width}", "conv: {chanels: width}", "n.yaml:6:25: layers[0].sequence[0].conv.chanels: unknown argument 'chanels', expected one of channels, kernel" },
        { "conv: {channels: width}", "conv", "n.yaml:6:9: layers[0].sequence[0].conv: lacks 'channels': channels of the output" },
        { "conv: {channels: width}", "conv: {channels: widht}", "n.yaml:6:26: layers[0].sequence[0].conv.channels: unknown parameter 'widht', expected one of width, blocks, classes; did you mean 'width'?" },
        { "conv: {channels: width}", "conv: {channels: 0}", "n.yaml:6:26: layers[0].sequence[0].conv.channels: expected a whole number from 1 to 65536, got 0" },
        { "conv: {channels: width}", "conv: {channels: 1.5}", "n.yaml:6:26: layers[0].sequence[0].conv.channels: expected a whole number, or an expression" },
        { "conv: {channels: width}", "conv: {channels: width, kernel: [3, 3]}", "n.yaml:6:41: layers[0].sequence[0].conv.kernel: expected a whole number, or an expression of parameters such as 2*width, got a list" },
        { "conv: {channels: width}", "conv: {channels: width, bias: maybe}", "n.yaml:6:39: layers[0].sequence[0].conv.bias: expected true or false, got 'maybe'" },
        { "conv: {channels: width}", "conv: {channels: width, norm: group}", "n.yaml:6:39: layers[0].sequence[0].conv.norm: expected one of lipschitz, batch, none, got 'group'" },
        { "conv: {channels: width}", "conv: {channels: width, channels: 3}", "n.yaml:6:33: layers[0].sequence[0].conv.channels: given twice" },
        { "conv: {channels: width}", "conv: 3", "n.yaml:6:15: layers[0].sequence[0].conv: expected a mapping of its arguments (channels, kernel" },
        { "      - activation", "      - activation: {kind: tanh}", "n.yaml:7:28: layers[0].sequence[1].activation.kind: expected one of centered-softplus, softplus, relu, got 'tanh'" },
        { "2*width, stride", "2**width, stride", "n.yaml:8:26: layers[1].residual.channels: unexpected '*' in '2**width'" },
        { "(width + 8)/2", "(width + 9)/2", "n.yaml:12:28: layers[2].repeat.layers[0].conv.channels: 17/2 in '(width + 9)/2' is no whole number" },
        { "(width + 8)/2", "(width + 8/2", "n.yaml:12:28: layers[2].repeat.layers[0].conv.channels: '(width + 8/2' lacks a ')'" },
        { "times: blocks - 1", "times: blocks - 3", "n.yaml:10:14: layers[2].repeat.times: expected a whole number from 0 to 1000, got blocks - 3 = -1" },
        { "rate: 0.25", "rate: 1.25", "n.yaml:13:21: layers[3].dropout.rate: expected a number from 0 to 0.99, got 1.25" },
        { "  - linear: {features: classes}", "", "n.yaml:5:3: layers: expected a linear layer with one number a class at the end" },
        { "name: mine", "name: my net", "n.yaml:1:7: name: expected a name of 1 to 64 letters, digits, '-', '_' and '.', got 'my net'" },
        { "style: lcnn", "style: lcn", "n.yaml:2:8: style: expected one of lcnn, standard, relu, lowbeta, recipe, got 'lcn'; did you mean 'lcnn'?" },
        { "style: lcnn", "stile: lcnn", "n.yaml:2:8: stile: unknown key 'stile', expected one of name, style, parameters, layers; did you mean 'style'?" },
        { "width: 8", "width: many", "n.yaml:3:21: parameters.width: expected a whole number from 0 to 1000000, got 'many'" },
        { "width: 8", "classes: 8", "n.yaml:3:23: parameters.classes: expected a name of letters and digits" },
        { "layers:\n  - sequence", "layers: 3\nmore:\n  - sequence", "n.yaml:4:9: layers: expected a list of layers such as" },
        { "  - flatten", "  - flatten: {}\n    linear: {}", "n.yaml:15:5: layers[5]: expected a layer's kind, alone or as the one key of a mapping such as {conv: {channels: 16}}, got one with 2 keys" },
        { "  - flatten", "  - [flatten]", "n.yaml:15:5: layers[5]: expected a layer's kind" },
        { "name: mine", "name: mine\n\tx", "n.yaml:1:7: not valid YAML" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void Parse_MalformedFile_NamesTheLineAndTheLayer(string from, string to, string expected)
    {
        var text = Valid.Replace(from, to, StringComparison.Ordinal);
        Assert.NotEqual(Valid, text);

        var refused = Assert.Throws<InvalidNetworkException>(() => NetworkFile.Parse(text, "n.yaml"));

        Assert.Contains(refused.Problems, problem => problem.ToString().StartsWith(expected, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("  - globalAveragePool\n  - flatten\n", "  - globalAveragePool\n  - conv: {channels: 3}\n", "layers[5].conv", "layer 5: expected images, got rows of 8 numbers; it belongs before 'flatten'")]
    [InlineData("  - globalAveragePool\n  - flatten\n", "", "layers[4].linear", "layer 4: expected rows of numbers, got images of 8x4x4; put 'flatten' or 'globalAveragePool' before it")]
    [InlineData("  - globalAveragePool\n", "  - maxPool: {kernel: 5}\n", "layers[4].maxPool", "layer 4: a 5x5 window needs images of at least 5x5, got 8x4x4")]
    [InlineData("  - globalAveragePool\n", "  - conv: {channels: 4, kernel: 7, padding: 1}\n", "layers[4].conv", "layer 4: a 7x7 kernel needs images of at least 5x5, got 8x4x4")]
    [InlineData("features: classes", "features: 7", "layers[6].linear", "layer 6: expected 10 numbers, one a class, got 7; write 'features: classes'")]
    public void Build_LayerThatDoesNotFit_IsNamedWithWhatItGot(string from, string to, string where, string expected)
    {
        var file = NetworkFile.Parse(Valid.ReplaceLineEndings("\n").Replace(from, to, StringComparison.Ordinal), "n.yaml");

        var misfit = Assert.Throws<NetworkShapeException>(() => Architectures.Build(file.Description, new Dictionary<string, long>(), new ImageShape(1, 8, 8), 10));

        Assert.Equal(where, misfit.Where);
        Assert.StartsWith(expected, $"layer {misfit.Path}: {misfit.Problem}", StringComparison.Ordinal);
        Assert.InRange(file.At(misfit.Where, misfit.Problem).Line, 12, 17);
    }

    [Fact]
    public void Parse_EveryBuiltInNetworkFromItsOwnYaml_IsTheSame()
    {
        foreach (var network in NetworkCatalog.Names.Select(NetworkCatalog.Find))
        {
            var read = NetworkFile.Parse(network!.ToYaml()).Description;
            Assert.Equal(network.ToJson(), read.ToJson());
            Assert.Equal(network.ToJson(), NetworkDescription.Parse(network.ToJson()).ToJson());
        }
    }

    [Fact]
    public void Parse_SameNetworkLaidOutOtherwise_HasTheSameJson()
    {
        var other = Valid.Replace("{channels: 2*width, stride: 2, blocks: blocks}", "{blocks: 'blocks', stride: 2, channels: \"2*width\"} # a comment", StringComparison.Ordinal);

        Assert.Equal(NetworkFile.Parse(Valid).Description.ToJson(), NetworkFile.Parse(other).Description.ToJson());
    }

    [Fact]
    public void Build_WithParameters_HasTheSizesThatFollow()
    {
        var description = NetworkFile.Parse(Valid).Description;
        Network Build(params (string, long)[] sizes) => Architectures.Build(description, sizes.ToDictionary(size => size.Item1, size => size.Item2), new ImageShape(1, 8, 8), 10);

        Assert.Equal(Build().ParameterCount, Build(("width", 8), ("blocks", 2)).ParameterCount);
        Assert.Equal(["0.0", "0.1", "1.0.1.f1", "1.0.1.f2", "1.0.2.f1", "1.0.3.f1", "1.0.5", "6"], Build(("blocks", 1)).Layers.Select(layer => layer.Path));
        Assert.True(Build(("width", 16)).ParameterCount > 2 * Build().ParameterCount);
        Assert.Contains("has the parameters width, blocks, got 'widht'; did you mean 'width'?", Assert.Throws<ArgumentException>(() => Build(("widht", 8))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("{\"name\":\"\\ud800\",\"layers\":[]}")]
    [InlineData("{\"name\":\"a\",\"layers\":[[[]]]}")]
    public void Read_NoDescription_SaysSo(string json)
    {
        var (description, problems) = NetworkReader.Read(json);

        Assert.Null(description);
        Assert.NotEmpty(problems);
    }

    [Fact]
    public void Read_ListsInOneAnotherBeyondTheBound_AreRefused()
    {
        var nested = "\"activation\"";
        for (var depth = 0; depth < 40; depth++)
        {
            nested = $"{{\"sequence\":[{nested}]}}";
        }

        Assert.Contains("at most 16 lists in one another", NetworkReader.Read($"{{\"name\":\"a\",\"layers\":[{nested}]}}").Problems[0].Message, StringComparison.Ordinal);
        Assert.Contains("at most 10000 layers", NetworkPlan.Of(
            NetworkDescription.Parse("""{"name":"a","layers":[{"repeat":{"times":1000,"layers":[{"repeat":{"times":1000,"layers":["activation"]}}]}}]}"""), new Dictionary<string, long>(), 2).Problems[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Schema_OfEveryBuiltInNetwork_KnowsEveryKindAndArgument()
    {
        using var schema = JsonDocument.Parse(NetworkSchema.Text);
        var forms = schema.RootElement.GetProperty("$defs").GetProperty("layer").GetProperty("oneOf").EnumerateArray()
            .Where(form => form.TryGetProperty("properties", out _)).Select(form => form.GetProperty("properties").EnumerateObject().Single()).ToDictionary(kind => kind.Name, kind => kind.Value);

        Assert.Equal(ElementKind.All.Select(kind => kind.Name), forms.Keys);
        Assert.All(ElementKind.All.Where(kind => kind.Arguments.Count > 0), kind =>
            Assert.Equal(kind.Arguments.Select(argument => argument.Name), forms[kind.Name].GetProperty("properties").EnumerateObject().Select(argument => argument.Name).Where(name => name != "layers")));
    }
}
