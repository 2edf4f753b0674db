using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Lcnn.Distributed.Data.Images;

// Shape suffixes: N samples, C channels, H height, W width.

/// <summary>Labelled images as bytes, planar (NCHW).</summary>
public sealed class ImageData : ILabelledImages
{
    private readonly byte[] _pixels_NCHW;
    private readonly int[] _labels_N;
    private readonly float[] _scaled;
    private readonly Lazy<string> _sha256;

    /// <summary>Takes over both arrays.</summary>
    public ImageData(byte[] pixels_NCHW, int[] labels_N, int channels, int height, int width, int classes, int pixelMaximum)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(classes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pixelMaximum);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pixelMaximum, byte.MaxValue);
        ArgumentOutOfRangeException.ThrowIfNotEqual(
            pixels_NCHW.LongLength, labels_N.LongLength * channels * height * width, nameof(pixels_NCHW));
        if (labels_N.AsSpan().ContainsAnyExceptInRange(0, classes - 1))
        {
            throw new ArgumentOutOfRangeException(nameof(labels_N), $"A label is outside 0..{classes - 1}.");
        }

        if (pixels_NCHW.AsSpan().ContainsAnyExceptInRange((byte)0, (byte)pixelMaximum))
        {
            throw new ArgumentOutOfRangeException(nameof(pixels_NCHW), $"A pixel is outside 0..{pixelMaximum}.");
        }

        _pixels_NCHW = pixels_NCHW;
        _labels_N = labels_N;
        (Channels, Height, Width, Classes, PixelMaximum) = (channels, height, width, classes, pixelMaximum);
        _scaled = [.. Enumerable.Range(0, pixelMaximum + 1).Select(pixel => pixel / (float)pixelMaximum)];
        _sha256 = new Lazy<string>(ComputeSha256);
    }

    public int Count => _labels_N.Length;

    public int Channels { get; }

    /// <summary>Rows of an image.</summary>
    public int Height { get; }

    /// <summary>Columns of an image.</summary>
    public int Width { get; }

    /// <summary>Labels are 0 .. Classes-1.</summary>
    public int Classes { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNames { get; init; } = [];

    /// <summary>The pixel value that becomes 1.</summary>
    public int PixelMaximum { get; }

    /// <summary>Values of one image: channels times height times width.</summary>
    public int ImageLength => Channels * Height * Width;

    /// <summary>All labels, in file order.</summary>
    public ReadOnlySpan<int> Labels => _labels_N;

    /// <summary>All pixels, in file order.</summary>
    public ReadOnlySpan<byte> Pixels => _pixels_NCHW;

    /// <summary>SHA-256 over shape, labels and pixels, in lower-case hexadecimal; computed on first use.</summary>
    public string Sha256 => _sha256.Value;

    /// <summary>The first <paramref name="limit"/> samples in file order; all of them when there are fewer.</summary>
    public ILabelledImages Take(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return limit >= Count
            ? this
            : new ImageData(
                _pixels_NCHW[..(limit * ImageLength)], _labels_N[..limit], Channels, Height, Width, Classes, PixelMaximum)
            {
                ClassNames = ClassNames,
            };
    }

    /// <summary>Copies samples as pixel / PixelMaximum; no mean or deviation is applied, as in the reference.</summary>
    public void Gather(ReadOnlySpan<int> indices, Span<float> destination_NCHW)
    {
        ThrowIfTooSmall(indices.Length * (long)ImageLength, destination_NCHW.Length);
        for (var i = 0; i < indices.Length; i++)
        {
            var image_CHW = ImageOf(indices[i]);
            var target_CHW = destination_NCHW.Slice(i * ImageLength, ImageLength);
            for (var k = 0; k < image_CHW.Length; k++)
            {
                target_CHW[k] = _scaled[image_CHW[k]];
            }
        }
    }

    /// <summary>Gathers with the random crop and flip that follow from seed, epoch and each sample's index in this data.</summary>
    public void GatherAugmented(ReadOnlySpan<int> indices, Span<float> destination_NCHW, long seed, int epoch)
    {
        ThrowIfTooSmall(indices.Length * (long)ImageLength, destination_NCHW.Length);
        for (var i = 0; i < indices.Length; i++)
        {
            var draw = CropAndFlip.Draw(seed, epoch, indices[i]);
            var target_CHW = destination_NCHW.Slice(i * ImageLength, ImageLength);
            Augmentation.RandomCropAndFlip(ImageOf(indices[i]), _scaled, Channels, Height, Width, draw, target_CHW);
        }
    }

    /// <summary>Copies labels as the 64-bit integers that losses index with.</summary>
    public void GatherLabels(ReadOnlySpan<int> indices, Span<long> destination_N)
    {
        ThrowIfTooSmall(indices.Length, destination_N.Length);
        for (var i = 0; i < indices.Length; i++)
        {
            destination_N[i] = _labels_N[indices[i]];
        }
    }

    private ReadOnlySpan<byte> ImageOf(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        return _pixels_NCHW.AsSpan(index * ImageLength, ImageLength);
    }

    private static void ThrowIfTooSmall(long needed, int available)
    {
        if (available < needed)
        {
            throw new ArgumentException($"The destination holds {available} values; the samples need {needed}.");
        }
    }

    private string ComputeSha256()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"{Count} {Channels} {Height} {Width} {Classes} {PixelMaximum}\n")));
        var labels = new byte[Count * sizeof(int)];
        for (var i = 0; i < Count; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(labels.AsSpan(i * sizeof(int)), _labels_N[i]);
        }

        hash.AppendData(labels);
        hash.AppendData(_pixels_NCHW);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
