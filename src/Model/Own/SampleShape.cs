using System.Globalization;

namespace Lcnn.Distributed.Model.Own;

/// <summary>Shape of one sample between two layers: an image, or a row of numbers.</summary>
public readonly record struct SampleShape
{
    private SampleShape(int channels, int height, int width, bool isRow) => (Channels, Height, Width, IsRow) = (channels, height, width, isRow);

    /// <summary>Channels of an image; the numbers of a row.</summary>
    public int Channels { get; }

    /// <summary>Rows of an image; 1 of a row.</summary>
    public int Height { get; }

    /// <summary>Columns of an image; 1 of a row.</summary>
    public int Width { get; }

    /// <summary>Whether it is a row of numbers, tensors [B, N], and no image, [B, C, H, W].</summary>
    public bool IsRow { get; }

    /// <summary>Numbers of a sample.</summary>
    public int Count => Channels * Height * Width;

    /// <summary>An image.</summary>
    public static SampleShape Image(int channels, int height, int width) => new(channels, height, width, isRow: false);

    /// <summary>A row of numbers.</summary>
    public static SampleShape Row(int numbers) => new(numbers, 1, 1, isRow: true);

    /// <summary>The shape of a tensor of samples.</summary>
    public long[] Of(long samples) => IsRow ? [samples, Channels] : [samples, Channels, Height, Width];

    /// <inheritdoc/>
    public override string ToString() => IsRow
        ? string.Create(CultureInfo.InvariantCulture, $"a row of {Channels} numbers")
        : string.Create(CultureInfo.InvariantCulture, $"images of {Channels}x{Height}x{Width}");
}
