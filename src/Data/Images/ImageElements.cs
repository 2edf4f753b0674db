using System.Globalization;
using System.Runtime.InteropServices;

namespace Lcnn.Distributed.Data.Images;

// Shape suffixes: C channels, H height, W width.

/// <summary>How the elements of images are stored, and how they become what a network is given.</summary>
internal abstract class ImageElements(int imageLength, PixelNormalization? normalization)
{
    /// <summary>Bytes of an image.</summary>
    public abstract int ImageBytes { get; }

    /// <summary>What hashes say of it.</summary>
    public abstract string Kind { get; }

    /// <summary>Smallest and largest value, a channel each; null where values may be any.</summary>
    public virtual IReadOnlyList<(double Least, double Most)>? Bounds => null;

    /// <summary>The same without a normalisation.</summary>
    public abstract ImageElements Plain { get; }

    /// <summary>Elements of an image.</summary>
    protected int ImageLength { get; } = imageLength;

    /// <summary>Applied to values; null leaves them as they are.</summary>
    protected PixelNormalization? Normalization { get; } = normalization;

    /// <summary>Makes values out of a stored image.</summary>
    public abstract void Convert(ReadOnlySpan<byte> stored_CHW, Span<float> destination_CHW);
}

/// <summary>Pixels from 0 to a maximum, which becomes 1.</summary>
internal sealed class ByteElements(int channels, int plane, int pixelMaximum, PixelNormalization? normalization) : ImageElements(channels * plane, normalization)
{
    private readonly float[][] _scaled_C =
    [
        .. Enumerable.Range(0, channels).Select(channel => Enumerable.Range(0, byte.MaxValue + 1)
            .Select(pixel => pixel / (float)pixelMaximum).Select(value => normalization?.Apply(value, channel) ?? value).ToArray()),
    ];

    /// <inheritdoc/>
    public override int ImageBytes => ImageLength;

    /// <inheritdoc/>
    public override string Kind => pixelMaximum.ToString(CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public override IReadOnlyList<(double Least, double Most)> Bounds => [.. _scaled_C.Select(table => ((double)table[0], (double)table[pixelMaximum]))];

    /// <inheritdoc/>
    public override ImageElements Plain => Normalization is null ? this : new ByteElements(channels, plane, pixelMaximum, null);

    /// <inheritdoc/>
    public override void Convert(ReadOnlySpan<byte> stored_CHW, Span<float> destination_CHW)
    {
        for (var channel = 0; channel < _scaled_C.Length; channel++)
        {
            var source_HW = stored_CHW.Slice(channel * plane, plane);
            var target_HW = destination_CHW.Slice(channel * plane, plane);
            var scaled = _scaled_C[channel];
            for (var k = 0; k < source_HW.Length; k++)
            {
                target_HW[k] = scaled[source_HW[k]];
            }
        }
    }
}

/// <summary>Numbers as they are, little-endian.</summary>
internal sealed class FloatElements(int channels, int plane, PixelNormalization? normalization) : ImageElements(channels * plane, normalization)
{
    /// <inheritdoc/>
    public override int ImageBytes => ImageLength * sizeof(float);

    /// <inheritdoc/>
    public override string Kind => "float32";

    /// <inheritdoc/>
    public override ImageElements Plain => Normalization is null ? this : new FloatElements(channels, plane, null);

    /// <inheritdoc/>
    public override void Convert(ReadOnlySpan<byte> stored_CHW, Span<float> destination_CHW)
    {
        MemoryMarshal.Cast<byte, float>(stored_CHW).CopyTo(destination_CHW);
        for (var k = 0; Normalization is not null && k < ImageLength; k++)
        {
            destination_CHW[k] = Normalization.Apply(destination_CHW[k], k / plane);
        }
    }
}
