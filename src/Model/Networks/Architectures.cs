using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Model.Layers;

namespace Lcnn.Distributed.Model.Networks;

/// <summary>The networks a run can name.</summary>
public static class Architectures
{
    private const string LcnnSuffix = "-lcnn";
    private const string ReluSuffix = "-relu";

    private static readonly Dictionary<string, (int[] Widths, int[] Blocks)> _residual = new()
    {
        ["resnet8"] = ([16, 32, 64], [1, 1, 1]),
        ["resnet18"] = ([64, 128, 256, 512], [2, 2, 2, 2]),
        ["resnet34"] = ([64, 128, 256, 512], [3, 4, 6, 3]),
    };

    private static readonly IReadOnlyList<string> _families = [.. _residual.Keys, "vgg11"];

    /// <summary>The names that <c>--arch</c> takes.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. _families.SelectMany(family => new[] { family, family + LcnnSuffix }), "resnet8" + ReluSuffix];

    /// <summary>Builds the network for a data set's images.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="images">Give the input's shape and the number of classes.</param>
    /// <param name="grid">Name of a <see cref="SpectralGrid"/>, in lower case.</param>
    /// <exception cref="ArgumentException">A name is unknown, or the images are too small for the network.</exception>
    public static Network Build(string name, ILabelledImages images, string grid) =>
        Build(name, new ImageShape(images.Channels, images.Height, images.Width), images.Classes, Enum.Parse<SpectralGrid>(grid, ignoreCase: true));

    /// <summary>Builds a network by name.</summary>
    /// <exception cref="ArgumentException">The name is unknown, or the input is too small for the network.</exception>
    public static Network Build(string name, ImageShape input, int classes, SpectralGrid grid = SpectralGrid.Reference)
    {
        if (!Names.Contains(name))
        {
            throw new ArgumentException($"unknown architecture '{name}', expected one of {string.Join(", ", Names)}", nameof(name));
        }

        var family = name.Split('-')[0];
        if (family == "vgg11" && Math.Min(input.Height, input.Width) < Vgg.MinimumSide)
        {
            throw new ArgumentException(
                $"{name} halves the image four times and needs at least {Vgg.MinimumSide}x{Vgg.MinimumSide}, got {input}; use a resnet");
        }

        var style = name.EndsWith(LcnnSuffix, StringComparison.Ordinal) ? NetworkStyle.LowCurvature(grid)
            : name.EndsWith(ReluSuffix, StringComparison.Ordinal) ? NetworkStyle.Rectified
            : NetworkStyle.Standard;
        return _residual.TryGetValue(family, out var sizes)
            ? ResNet.Build(input, classes, sizes.Widths, sizes.Blocks, style)
            : Vgg.Build(input, classes, style);
    }

    /// <summary>Channels and blocks of each stage of a residual family.</summary>
    internal static (IReadOnlyList<int> Widths, IReadOnlyList<int> Blocks) ResidualSizes(string family) => _residual[family];
}
