using System.Text.Json;
using Lcnn.Distributed.Model.Networks;

namespace Lcnn.Distributed.UnitTests.Golden;

public sealed class FullModelShapesTests
{
    private const string File = "full_model_shapes.json";

    // Constructed for CIFAR; the input is not in the file.
    private static readonly ImageShape _input = new(3, 32, 32);

    public static TheoryData<string> Networks() => [.. GoldenFolder.ReadCommonJson(File).EnumerateObject().Select(entry => entry.Name)];

    [Theory]
    [MemberData(nameof(Networks))]
    public void FullNetwork_ByName_HasTheReferencesKeysShapesAndParameterCount(string name)
    {
        using var one = new OneThread();
        var expected = GoldenFolder.ReadCommonJson(File).GetProperty(name);
        var network = Architectures.Build(OurName(name), _input, expected.GetProperty("num_classes").GetInt32());

        var states = network.Initialize(seed: 0);

        var parameters = states.SelectMany(state => state.Parameters).ToList();
        Assert.Equal(Shapes(expected.GetProperty("parameters")), Shapes(parameters.Select(parameter => (parameter.Key, parameter.Value.shape))));
        Assert.Equal(
            Shapes(expected.GetProperty("buffers")), Shapes(states.SelectMany(state => state.Buffers).Select(buffer => (buffer.Key, buffer.Value.shape))));
        Assert.Equal(expected.GetProperty("num_parameters").GetInt64(), parameters.Sum(parameter => parameter.Value.numel()));
        Array.ForEach(states, state => state.Dispose());
    }

    private static string OurName(string name) => name.EndsWith("lcnn", StringComparison.Ordinal) ? name[..^4] + "-lcnn" : name;

    private static List<string> Shapes(JsonElement stored) =>
        Shapes(stored.EnumerateObject().Select(entry => (entry.Name, entry.Value.EnumerateArray().Select(size => size.GetInt64()).ToArray())));

    private static List<string> Shapes(IEnumerable<(string Key, long[] Shape)> tensors) =>
        [.. tensors.Select(tensor => $"{tensor.Key} [{string.Join(", ", tensor.Shape)}]").Order(StringComparer.Ordinal)];
}
