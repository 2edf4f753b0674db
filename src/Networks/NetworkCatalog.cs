using System.Globalization;

namespace Lcnn.Distributed.Networks;

/// <summary>The networks a run can name, as descriptions.</summary>
/// <remarks>
/// resnet8, 18 and 34 are the authors' (models/resnet_spectral.py), vgg11 too (models/vgg_spectral.py: ten convolutions with bias, one shared activation, a plain
/// linear). wideresnet28x10 (Zagoruyko and Komodakis 2016), resnet50 (He et al. 2016) and mlp4 have no counterpart there; resnet50 begins like the authors'
/// networks, without the stride and pooling that 224x224 images want.
/// </remarks>
public static class NetworkCatalog
{
    private static readonly string[] _styles = [NetworkStyles.Standard, NetworkStyles.LowCurvature, NetworkStyles.LowBeta, NetworkStyles.Recipe];

    private static readonly Dictionary<string, NetworkDescription> _byName = Create().ToDictionary(description => description.Name);

    /// <summary>The names that <c>--arch</c> takes.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. _byName.Keys];

    /// <summary>The network of a name, or null.</summary>
    public static NetworkDescription? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The network of the same family in another style, or null.</summary>
    public static string? InStyle(string name, string style)
    {
        var family = NetworkStyles.Names.Select(known => $"-{known}").FirstOrDefault(suffix => name.EndsWith(suffix, StringComparison.Ordinal)) is { } own ? name[..^own.Length] : name;
        return _byName.ContainsKey(Styled(family, style)) ? Styled(family, style) : null;
    }

    /// <summary>A residual network of the authors' sort: a stem of the first stage's width, stages of blocks of which all but the first halve the image, a spectrally normalised linear.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="style">One of <see cref="NetworkStyles.Names"/>.</param>
    /// <param name="parameters">Names that the sizes use.</param>
    /// <param name="stages">Channels and blocks of each stage, as expressions.</param>
    public static NetworkDescription Residual(string name, string style, IReadOnlyDictionary<string, long> parameters, IReadOnlyList<(string Channels, string Blocks)> stages) =>
        Staged(name, style, parameters, "residual", stages);

    private static IEnumerable<NetworkDescription> Create()
    {
        foreach (var style in _styles.Append(NetworkStyles.Rectified))
        {
            yield return Residual(Styled("resnet8", style), style, Sizes(("width", 16), ("blocks", 1)), Doubling(3));
        }

        IReadOnlyList<Func<string, NetworkDescription>> families =
        [
            style => Residual(Styled("resnet18", style), style, Sizes(("width", 64), ("blocks", 2)), Doubling(4)),
            style => Residual(Styled("resnet34", style), style, Sizes(("width", 64)), [("width", "3"), ("2*width", "4"), ("4*width", "6"), ("8*width", "3")]),
            style => Vgg11(Styled("vgg11", style), style),
            style => Staged(Styled("resnet50", style), style, Sizes(("width", 64)), "bottleneck", [("width", "3"), ("2*width", "4"), ("4*width", "6"), ("8*width", "3")]),
            style => WideResNet(Styled("wideresnet28x10", style), style),
            style => Perceptron(Styled("mlp4", style), style),
        ];
        foreach (var description in families.SelectMany(family => _styles.Select(family)))
        {
            yield return description;
        }
    }

    private static string Styled(string family, string style) => style == NetworkStyles.Standard ? family : $"{family}-{style}";

    private static IReadOnlyList<(string, string)> Doubling(int stages) =>
        [.. Enumerable.Range(0, stages).Select(stage => (stage == 0 ? "width" : string.Create(CultureInfo.InvariantCulture, $"{1 << stage}*width"), "blocks"))];

    private static NetworkDescription Staged(
        string name, string style, IReadOnlyDictionary<string, long> parameters, string block, IReadOnlyList<(string Channels, string Blocks)> stages) => new(name, style, parameters,
    [
        Sequence(Element("conv", ("channels", stages[0].Channels)), Element("activation")),
        .. stages.Select((stage, index) => index == 0
            ? Element(block, ("channels", stage.Channels), ("blocks", stage.Blocks))
            : Element(block, ("channels", stage.Channels), ("stride", "2"), ("blocks", stage.Blocks))),
        .. Head(style),
    ]);

    private static NetworkDescription Vgg11(string name, string style)
    {
        string?[] widths = ["width", "width", null, "2*width", "2*width", null, "4*width", "4*width", null, "8*width", "8*width", null, "8*width", "8*width"];
        return new(name, style, Sizes(("width", 64)),
        [
            .. widths.SelectMany(width => width is null ? [Element("maxPool")] : new[] { Element("conv", ("channels", width), ("bias", "true")), Element("activation", ("shared", "all")) }),
            Element("flatten"),
            Element("linear", ("features", NetworkReader.Classes), ("spectral", "false")),
        ]);
    }

    private static NetworkDescription WideResNet(string name, string style) => new(name, style, Sizes(("width", 16), ("factor", 10), ("blocks", 4)),
    [
        Element("conv", ("channels", "width"), ("norm", "none")),
        Element("preactivation", ("channels", "width*factor"), ("blocks", "blocks")),
        Element("preactivation", ("channels", "2*width*factor"), ("stride", "2"), ("blocks", "blocks")),
        Element("preactivation", ("channels", "4*width*factor"), ("stride", "2"), ("blocks", "blocks")),
        Element("norm"),
        Element("activation"),
        .. Head(style),
    ]);

    private static NetworkDescription Perceptron(string name, string style) => new(name, style, Sizes(("width", 512), ("layers", 3)),
    [
        Element("flatten"),
        new NetworkElement("repeat", new Dictionary<string, string> { ["times"] = "layers" }, [style == NetworkStyles.LowCurvature ? Element("linear", ("features", "width")) : Element("linear", ("features", "width"), ("spectral", "false")), Element("activation")]),
        Last(style),
    ]);

    private static NetworkElement[] Head(string style) => [Element("globalAveragePool"), Element("flatten"), Last(style)];

    // The authors normalise it in the baseline, too (resnet_spectral.py:98); their recipe normalises nothing.
    private static NetworkElement Last(string style) => style == NetworkStyles.Recipe
        ? Element("linear", ("features", NetworkReader.Classes), ("spectral", "false")) : Element("linear", ("features", NetworkReader.Classes));

    private static Dictionary<string, long> Sizes(params (string Name, long Value)[] sizes) => sizes.ToDictionary(size => size.Name, size => size.Value);

    private static NetworkElement Sequence(params NetworkElement[] body) => new("sequence", new Dictionary<string, string>(), body);

    private static NetworkElement Element(string kind, params (string Name, string Value)[] arguments) =>
        new(kind, arguments.ToDictionary(argument => argument.Name, argument => argument.Value), []);
}
