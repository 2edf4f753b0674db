using System.Security.Cryptography;

namespace Lcnn.Distributed.Data.Images;

// Shape suffixes: N samples, C channels, H height, W width.

/// <summary>Labelled images as bytes, planar (NCHW).</summary>
public sealed class ImageData : LabelledImages
{
    private readonly byte[] _pixels_NCHW;
    private readonly ByteElements _elements;

    /// <summary>Takes over both arrays.</summary>
    public ImageData(
        byte[] pixels_NCHW, int[] labels_N, int channels, int height, int width, int classes, int pixelMaximum, PixelNormalization? normalization = null)
        : base(labels_N, channels, height, width, classes, normalization)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pixelMaximum);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pixelMaximum, byte.MaxValue);
        ArgumentOutOfRangeException.ThrowIfNotEqual(
            pixels_NCHW.LongLength, labels_N.LongLength * channels * height * width, nameof(pixels_NCHW));
        if (pixels_NCHW.AsSpan().ContainsAnyExceptInRange((byte)0, (byte)pixelMaximum))
        {
            throw new ArgumentOutOfRangeException(nameof(pixels_NCHW), $"A pixel is outside 0..{pixelMaximum}.");
        }

        _pixels_NCHW = pixels_NCHW;
        PixelMaximum = pixelMaximum;
        _elements = new ByteElements(channels, height * width, pixelMaximum, normalization);
    }

    /// <summary>The pixel value that becomes 1.</summary>
    public int PixelMaximum { get; }

    /// <summary>All pixels, in file order.</summary>
    public ReadOnlySpan<byte> Pixels => _pixels_NCHW;

    /// <summary>The same images under other labels.</summary>
    public ImageData WithLabels(int[] labels) => new(_pixels_NCHW, labels, Channels, Height, Width, Classes, PixelMaximum, Normalization) { ClassNames = ClassNames };

    private protected override ImageElements Elements => _elements;

    /// <inheritdoc/>
    public override ILabelledImages Select(IReadOnlyList<int> indices)
    {
        var pixels = new byte[indices.Count * ImageLength];
        for (var i = 0; i < indices.Count; i++)
        {
            ImageOf(indices[i]).CopyTo(pixels.AsSpan(i * ImageLength));
        }

        return new ImageData(pixels, LabelsOf(indices), Channels, Height, Width, Classes, PixelMaximum, Normalization) { ClassNames = ClassNames };
    }

    /// <inheritdoc/>
    protected override void CopyImage(int index, Span<float> destination_CHW) => _elements.Convert(ImageOf(index), destination_CHW);

    /// <inheritdoc/>
    protected override void AppendValues(IncrementalHash hash) => hash.AppendData(_pixels_NCHW);

    private protected override void CopyStored(int index, Span<byte> destination) => ImageOf(index).CopyTo(destination);

    private ReadOnlySpan<byte> ImageOf(int index) => _pixels_NCHW.AsSpan(index * ImageLength, ImageLength);
}
