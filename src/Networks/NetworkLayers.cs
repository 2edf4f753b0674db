using System.Globalization;

namespace Lcnn.Distributed.Networks;

/// <summary>A network described in C#, entry by entry: what a YAML file says, with the same kinds, arguments and defaults.</summary>
/// <remarks>Sizes are whole numbers or expressions of parameters such as "2*width". What is not said is left to the style.</remarks>
public sealed class NetworkLayers
{
    private readonly List<NetworkElement> _elements = [];
    private readonly Dictionary<string, long> _parameters = [];
    private string _style = NetworkStyles.LowCurvature;

    /// <summary>Describes a network.</summary>
    /// <param name="name">What runs call it.</param>
    /// <param name="layers">Adds its entries, in forward order.</param>
    /// <param name="kinds">What entries may be; any if null: operations of a program's own are then checked where they are known.</param>
    /// <exception cref="ArgumentException">It is no network; every problem is named with its place.</exception>
    public static NetworkDescription Describe(string name, Action<NetworkLayers> layers, ElementKinds? kinds = null)
    {
        ArgumentNullException.ThrowIfNull(layers);
        var network = new NetworkLayers();
        layers(network);
        var (description, problems) = NetworkReader.Read(new NetworkDescription(name, network._style, network._parameters, network._elements).ToJson(), kinds ?? ElementKinds.Any);
        return description ?? throw new ArgumentException($"network '{name}': {string.Join("; ", problems)}", nameof(layers));
    }

    /// <summary>What layers do that say nothing else: one of <see cref="NetworkStyles.Names"/>, <see cref="NetworkStyles.LowCurvature"/> if none is given.</summary>
    public NetworkLayers Style(string style)
    {
        _style = style;
        return this;
    }

    /// <summary>A name that sizes may use, and its default; runs and sweeps may set it.</summary>
    public NetworkLayers Parameter(string name, long value)
    {
        _parameters[name] = value;
        return this;
    }

    /// <summary>Any entry by its kind: one of <see cref="ElementKind.All"/>, or an operation of the program's own.</summary>
    /// <param name="kind">Its key in files.</param>
    /// <param name="arguments">By name; numbers, names, true or false.</param>
    public NetworkLayers Add(string kind, params IReadOnlyList<(string Name, object Value)> arguments) => Add(kind, arguments, body: null);

    /// <summary>A convolution and its norm.</summary>
    public NetworkLayers Conv(Size channels, Size? kernel = null, Size? stride = null) => Add("conv", ("channels", channels), ("kernel", kernel ?? 3), ("stride", stride ?? 1));

    /// <summary>The paper's residual blocks, of which the first has the stride.</summary>
    public NetworkLayers Residual(Size channels, Size? stride = null, Size? blocks = null) => Add("residual", ("channels", channels), ("stride", stride ?? 1), ("blocks", blocks ?? 1));

    /// <summary>The style's activation.</summary>
    public NetworkLayers Activation() => Add("activation");

    /// <summary>The largest number of every window, which steps by its side.</summary>
    public NetworkLayers MaxPool(Size? kernel = null) => Add("maxPool", ("kernel", kernel ?? 2));

    /// <summary>The mean of every channel.</summary>
    public NetworkLayers GlobalAveragePool() => Add("globalAveragePool");

    /// <summary>Leaves numbers out at random in training.</summary>
    public NetworkLayers Dropout(double rate) => Add("dropout", ("rate", rate));

    /// <summary>Images as rows of numbers.</summary>
    public NetworkLayers Flatten() => Add("flatten");

    /// <summary>A product with a matrix, plus a bias.</summary>
    public NetworkLayers Linear(Size features) => Add("linear", ("features", features));

    /// <summary>The last layer: a linear with one number a class.</summary>
    public NetworkLayers Classes() => Linear(NetworkReader.Classes);

    /// <summary>Entries so many times over.</summary>
    public NetworkLayers Repeat(Size times, Action<NetworkLayers> layers) => Add("repeat", [("times", times)], layers);

    private NetworkLayers Add(string kind, IReadOnlyList<(string Name, object Value)> arguments, Action<NetworkLayers>? body)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(kind);
        var inner = new NetworkLayers();
        body?.Invoke(inner);
        _elements.Add(new NetworkElement(kind, arguments.ToDictionary(argument => argument.Name, argument => Text(argument.Value)), inner._elements));
        return this;
    }

    private static string Text(object value) => value switch
    {
        bool flag => flag ? "true" : "false",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}

/// <summary>A size in a description: a whole number, or an expression of parameters (<see cref="SizeExpression"/>).</summary>
/// <param name="Text">As it is written.</param>
public readonly record struct Size(string Text)
{
    /// <summary>A whole number.</summary>
    public static implicit operator Size(int number) => FromInt32(number);

    /// <summary>An expression.</summary>
    public static implicit operator Size(string text) => new(text);

    /// <summary>A whole number.</summary>
    public static Size FromInt32(int number) => new(number.ToString(CultureInfo.InvariantCulture));

    /// <summary>As it is written.</summary>
    public override string ToString() => Text;
}
