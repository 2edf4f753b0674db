namespace Lcnn.Distributed.Networks;

/// <summary>What an argument of an entry takes.</summary>
public enum ArgumentType
{
    /// <summary>A whole number, or an expression of parameters.</summary>
    Size,

    /// <summary>true or false.</summary>
    Flag,

    /// <summary>A number.</summary>
    Number,

    /// <summary>One of a few names.</summary>
    Choice,

    /// <summary>Any name.</summary>
    Text,
}

/// <summary>An argument of an entry.</summary>
/// <param name="Name">Its key.</param>
/// <param name="Type">What it takes.</param>
/// <param name="Description">What it is, in a sentence.</param>
public sealed record ElementArgument(string Name, ArgumentType Type, string Description)
{
    /// <summary>What it is where it is not given, an expression for a size; null where it has to be given, or where its absence means something.</summary>
    public string? Default { get; init; }

    /// <summary>Whether it may be left out.</summary>
    public bool IsOptional { get; init; }

    /// <summary>Smallest value.</summary>
    public double Minimum { get; init; } = 1;

    /// <summary>Largest value.</summary>
    public double Maximum { get; init; } = 65_536;

    /// <summary>The names that a choice takes.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];
}

/// <summary>A kind of entry in a network's description. One table for the reader, the schema, the documentation and the builder.</summary>
/// <param name="Name">Its key.</param>
/// <param name="Description">What it computes, in a sentence.</param>
/// <param name="HasBody">Whether it holds entries itself, under "layers".</param>
/// <param name="Arguments">What it takes.</param>
public sealed record ElementKind(string Name, string Description, bool HasBody, IReadOnlyList<ElementArgument> Arguments)
{
    /// <summary>Every kind, in the order of the documentation.</summary>
    public static IReadOnlyList<ElementKind> All { get; } =
    [
        new("sequence", "Entries one after the other, under one position of the list around it.", true, []),
        new("repeat", "Its entries so many times; 0 leaves them out.", true, [Size("times", "How often.") with { Minimum = 0, Maximum = 1_000 }]),
        new("conv", "A convolution with a square kernel, followed by its norm.", false,
        [
            Size("channels", "Channels of the output."),
            Size("kernel", "Side of the kernel.", "3"),
            Stride,
            Size("padding", "Zeros on every side. Default: half the kernel, so that stride 1 keeps the size.") with { IsOptional = true, Minimum = 0 },
            Size("groups", "Its channels are in so many groups, each of which sees its own alone.", "1"),
            Flag("bias", "Whether each channel has one.", "false"),
            Norm,
        ]),
        new("residual", "The paper's residual block: activation of half the sum of two convolutions and a shortcut, both of the input over the root of 2.", false, [Channels, Stride, Blocks]),
        new("preactivation", "The plain block of wide residual networks: norm, activation, convolution, twice, added to a shortcut.", false, [Channels, Stride, Blocks]),
        new("basic", "The plain block of ResNet-18 and 34: two 3x3 convolutions with norms, added to a shortcut, then an activation.", false, [Channels, Stride, Blocks, BlockNorm]),
        new("bottleneck", "The plain block of ResNet-50: 1x1, 3x3 and 1x1 convolutions with norms, added to a shortcut, then an activation. Its output has four times the channels.", false, [Channels, Stride, Blocks, BlockNorm]),
        new("norm", "A batch norm of its own.", false, [Norm with { Name = "kind", Choices = ["lipschitz", "batch"] }]),
        new("activation", "Applied to every number.", false,
        [
            Choice("kind", "Which. Default: the style's.", "centered-softplus", "softplus", "relu"),
            new("beta", ArgumentType.Number, "Of softplus alone: its fixed sharpness. Default: 1000.") { IsOptional = true, Minimum = 1e-3, Maximum = 1e6 },
            new("shared", ArgumentType.Text, "A name; activations of the same name share one beta.") { IsOptional = true },
        ]),
        new("dropout", "Leaves numbers out at random in training and scales the others up: which ones follows from the seed, the epoch, the sample and the layer.", false,
            [new("rate", ArgumentType.Number, "Share of the numbers that are left out.") { Minimum = 0, Maximum = 0.99 }]),
        new("maxPool", "The largest number of every window.", false, [Window, PoolStride, PoolPadding]),
        new("averagePool", "The mean of every window.", false, [Window, PoolStride]),
        new("globalAveragePool", "The mean of every channel.", false, []),
        new("flatten", "Images as rows of numbers.", false, []),
        new("linear", "A product with a matrix, plus a bias.", false,
        [
            Size("features", "Numbers of the output; the last layer has one a class (classes)."),
            Flag("spectral", "Whether its matrix is divided by its largest singular value, as in the authors' residual networks of either sort.", "true"),
        ]),
    ];

    private static readonly Dictionary<string, ElementKind> _byName = All.ToDictionary(kind => kind.Name);

    private static ElementArgument Channels => Size("channels", "Channels of its convolutions.");

    private static ElementArgument Stride => Size("stride", "Step of the kernel; 2 halves the image.", "1") with { Maximum = 64 };

    private static ElementArgument Blocks => Size("blocks", "So many of them one after the other, of which the first alone has the stride; 0 leaves them out.") with { IsOptional = true, Minimum = 0, Maximum = 1_000 };

    private static ElementArgument Norm => Choice("norm", "Which batch norm follows. Default: the style's.", "lipschitz", "batch", "none");

    private static ElementArgument BlockNorm =>
        Choice("norm", "Which batch norm follows its convolutions; after none of them each has a bias instead. Default: the style's.", "lipschitz", "batch", "none");

    private static ElementArgument Window => Size("kernel", "Side of the window.", "2");

    private static ElementArgument PoolStride => Size("stride", "Step of the window. Default: its side.") with { IsOptional = true };

    private static ElementArgument PoolPadding =>
        Size("padding", "Places on every side that are never the largest, at most half the window.", "0") with { Minimum = 0 };

    /// <summary>The kind of a name, or null.</summary>
    public static ElementKind? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The argument of a name, or null.</summary>
    public ElementArgument? Argument(string name) => Arguments.FirstOrDefault(argument => argument.Name == name);

    private static ElementArgument Size(string name, string description, string? value = null) =>
        new(name, ArgumentType.Size, description) { Default = value, IsOptional = value is not null };

    private static ElementArgument Flag(string name, string description, string value) => new(name, ArgumentType.Flag, description) { Default = value, IsOptional = true };

    private static ElementArgument Choice(string name, string description, params string[] choices) =>
        new(name, ArgumentType.Choice, description) { IsOptional = true, Choices = choices };
}
