using System.Globalization;
using System.Text.RegularExpressions;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Networks;

namespace Lcnn.Distributed.Model.Exchange;

/// <summary>The authors' networks by their state dicts' keys (models/resnet_spectral.py, models/vgg_spectral.py), of any width and depth.</summary>
internal static partial class AuthorsNetwork
{
    private const string Original = ".parametrizations.weight.original";
    private const string ConvOriginal = ".conv" + Original;
    private const string ConvWeight = ".conv.weight";

    /// <summary>The network; null where the keys are not theirs.</summary>
    /// <param name="given">What the user says: keys that are made in a network's first pass cannot tell an LCNN from the recipe.</param>
    public static ForeignNetwork? Recognise(IReadOnlyDictionary<string, SafeTensor> tensors, NetworkDescription? given)
    {
        var convolutions = tensors.Values.Where(tensor => tensor.Shape.Count == 4)
            .Where(tensor => tensor.Name.EndsWith(ConvOriginal, StringComparison.Ordinal) || tensor.Name.EndsWith(ConvWeight, StringComparison.Ordinal))
            .ToDictionary(tensor => tensor.Name[..tensor.Name.LastIndexOf(".conv.", StringComparison.Ordinal)], StringComparer.Ordinal);
        var notes = new List<string>();
        var style = StyleOf(tensors, given, notes);
        return convolutions.ContainsKey("0.0") ? Residual(tensors, convolutions, style, notes)
            : convolutions.ContainsKey("0") ? Plain(tensors, convolutions, style, notes)
            : null;
    }

    [GeneratedRegex(@"^([0-9]{1,3})\.([0-9]{1,3})\.1\.f1$")]
    private static partial Regex Block { get; }

    private static string StyleOf(IReadOnlyDictionary<string, SafeTensor> tensors, NetworkDescription? given, List<string> notes)
    {
        if (given is not null)
        {
            return given.Style;
        }

        if (tensors.Keys.Any(key => key.EndsWith(ConvOriginal, StringComparison.Ordinal)))
        {
            return NetworkStyles.LowCurvature;
        }

        if (tensors.Keys.Any(key => key.EndsWith(".log_beta", StringComparison.Ordinal)))
        {
            notes.Add("its convolutions have no spectral norm; if it is an LCNN that was saved before its first pass, say --arch NAME-lcnn");
            return NetworkStyles.Recipe;
        }

        notes.Add("its activations are taken for softplus with beta 1e3, as in the authors' baseline; --arch NAME-lowbeta if it is 10");
        return NetworkStyles.Standard;
    }

    private static ForeignNetwork? Residual(
        IReadOnlyDictionary<string, SafeTensor> tensors, Dictionary<string, SafeTensor> convolutions, string style, List<string> notes)
    {
        var stages = convolutions.Select(entry => (Match: Block.Match(entry.Key), Channels: entry.Value.Shape[0])).Where(block => block.Match.Success)
            .GroupBy(block => Whole(block.Match.Groups[1].Value)).OrderBy(stage => stage.Key)
            .Select(stage => (Channels: stage.First().Channels, Blocks: stage.Count())).ToList();
        if (stages.Count == 0)
        {
            return null;
        }

        var stem = convolutions["0.0"];
        var side = tensors.GetValueOrDefault("0.0.conv.parametrizations.weight.0._u") is { Shape: [1, _, var height, _] } ? (int)height : 0;
        var family = Family(stages);
        var description = (family is null ? null : BuiltIn(family, style)) ?? NetworkCatalog.Residual(
            "imported-resnet", style, new Dictionary<string, long>(), [.. stages.Select(stage => (Text(stage.Channels), Text(stage.Blocks)))]);
        var sizes = description.Parameters.Keys.Select(name => KeyValuePair.Create(name, name == "width" ? stages[0].Channels : stages[0].Blocks))
            .Where(size => description.Parameters[size.Key] != size.Value);
        description = WithHead(description, tensors.Keys.Any(key => !key.EndsWith(ConvOriginal, StringComparison.Ordinal) && key.EndsWith(Original, StringComparison.Ordinal)));
        return new ForeignNetwork("the authors' residual network", description, NetworkSizes.Write([.. sizes]), tensors, new ImageShape((int)stem.Shape[1], side, side), notes);
    }

    private static string? Family(List<(long Channels, int Blocks)> stages)
    {
        var doubles = stages.Select((stage, i) => stage.Channels == stages[0].Channels << i).All(is_ => is_);
        return !doubles ? null : stages.Select(stage => stage.Blocks).ToArray() switch
        {
            [var first, .. var rest] when rest.All(blocks => blocks == first) && stages.Count is 3 or 4 => stages.Count == 3 ? "resnet8" : "resnet18",
            [3, 4, 6, 3] => "resnet34",
            _ => null,
        };
    }

    // Convolutions stand two places apart, and three with a pooling between them.
    private static ForeignNetwork? Plain(
        IReadOnlyDictionary<string, SafeTensor> tensors, Dictionary<string, SafeTensor> convolutions, string style, List<string> notes)
    {
        var places = convolutions.Keys.Select(key => Whole(key)).Order().ToList();
        var linear = tensors.Values.FirstOrDefault(tensor => tensor.Shape.Count == 2 && tensor.Name.EndsWith(".weight", StringComparison.Ordinal));
        if (places.Contains(-1) || linear is null || Whole(linear.Name.Split('.')[0]) is var end && end < 0)
        {
            return null;
        }

        var (layers, poolings) = (new List<NetworkElement>(), 0);
        for (var i = 0; i < places.Count; i++)
        {
            layers.Add(Element("conv", ("channels", Text(convolutions[Text(places[i])].Shape[0])), ("bias", "true")));
            layers.Add(Element("activation", ("shared", "all")));
            if ((i + 1 < places.Count ? places[i + 1] : end - 1) - places[i] == 3)
            {
                layers.Add(Element("maxPool"));
                poolings++;
            }
        }

        layers.Add(Element("flatten"));
        layers.Add(Element("linear", ("features", NetworkReader.Classes), ("spectral", "false")));
        var last = convolutions[Text(places[^1])].Shape[0];
        var side = (int)Math.Sqrt(linear.Shape[1] / Math.Max(1, last)) << poolings;
        var (width, shape) = (convolutions["0"].Shape[0], convolutions["0"].Shape);
        var builtIn = BuiltIn("vgg11", style);
        var isBuiltIn = builtIn is not null && SameSizes(builtIn, layers, width);
        return new ForeignNetwork("the authors' VGG", isBuiltIn ? builtIn! : new NetworkDescription("imported-vgg", style, new Dictionary<string, long>(), layers),
            isBuiltIn && builtIn!.Parameters["width"] != width ? NetworkSizes.Write([KeyValuePair.Create("width", width)]) : "", tensors, new ImageShape((int)shape[1], side, side), notes);
    }

    private static bool SameSizes(NetworkDescription builtIn, List<NetworkElement> layers, long width) =>
        builtIn.Layers.Select(layer => layer.Kind).SequenceEqual(layers.Select(layer => layer.Kind))
        && builtIn.Layers.Zip(layers).Where(pair => pair.First.Kind == "conv").All(pair =>
            SizeExpression.Evaluate(pair.First.Arguments["channels"], new Dictionary<string, long> { ["width"] = width }).Value == Whole(pair.Second.Arguments["channels"]));

    private static NetworkDescription? BuiltIn(string family, string style) => NetworkCatalog.InStyle(family, style) is { } name ? NetworkCatalog.Find(name) : null;

    // Built in as long as the last layer is as there.
    private static NetworkDescription WithHead(NetworkDescription description, bool isSpectral)
    {
        var head = description.Layers[^1];
        return head.Arguments.GetValueOrDefault("spectral", "true") == "true" == isSpectral ? description : description with
        {
            Name = $"imported-{description.Name}",
            Layers = [.. description.Layers.SkipLast(1), Element("linear", ("features", NetworkReader.Classes), ("spectral", isSpectral ? "true" : "false"))],
        };
    }

    private static NetworkElement Element(string kind, params (string Name, string Value)[] arguments) =>
        new(kind, arguments.ToDictionary(argument => argument.Name, argument => argument.Value), []);

    private static int Whole(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
