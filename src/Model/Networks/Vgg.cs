using System.Globalization;

namespace Lcnn.Distributed.Model.Networks;

/// <summary>The reference's "VGG-11" (models/vgg_spectral.py): ten convolutions with bias, one shared activation, a plain linear.</summary>
public static class Vgg
{
    private const int Pool = 0;

    private static readonly int[] _eleven = [64, 64, Pool, 128, 128, Pool, 256, 256, Pool, 512, 512, Pool, 512, 512];

    /// <summary>Smallest input side that survives four halvings.</summary>
    public const int MinimumSide = 16;

    /// <summary>Builds it for any input of at least 16x16.</summary>
    public static Network Build(ImageShape input, int classes, NetworkStyle style)
    {
        var builder = new NetworkBuilder(input, style);
        var activate = builder.SharedActivation();
        var position = 0;
        foreach (var width in _eleven)
        {
            if (width == Pool)
            {
                builder.MaxPool();
                position++;
                continue;
            }

            builder.Conv(Path(position), width, bias: true);
            activate(Path(position + 1));
            position += 2;
        }

        builder.Flatten();
        builder.Linear(Path(position + 1), classes, spectral: false);
        return builder.Build();
    }

    private static string Path(int position) => position.ToString(CultureInfo.InvariantCulture);
}
