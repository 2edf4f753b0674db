using System.Buffers;
using System.Security.Cryptography;

namespace Lcnn.Distributed.Data.Images;

// Shape suffixes: N samples, C channels, H height, W width.

/// <summary>What images in memory have in common, whatever their values are kept as.</summary>
public abstract class LabelledImages : ILabelledImages
{
    private readonly int[] _labels_N;
    private readonly Lazy<string> _sha256;

    /// <summary>Takes over the labels.</summary>
    /// <param name="labels_N">From 0.</param>
    /// <param name="channels">Of an image.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="classes">More than the largest label.</param>
    /// <param name="normalization">Of values, or null.</param>
    /// <param name="sha256">Where it is known already.</param>
    private protected LabelledImages(
        int[] labels_N, int channels, int height, int width, int classes, PixelNormalization? normalization, string? sha256 = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(classes);
        if (labels_N.AsSpan().ContainsAnyExceptInRange(0, classes - 1))
        {
            throw new ArgumentOutOfRangeException(nameof(labels_N), $"A label is outside 0..{classes - 1}.");
        }

        if (normalization is { Count: > 1 } && normalization.Count != channels)
        {
            throw new ArgumentException($"{normalization.Count} means and deviations are given for images of {channels} channels.", nameof(normalization));
        }

        _labels_N = labels_N;
        (Channels, Height, Width, Classes, Normalization) = (channels, height, width, classes, normalization);
        _sha256 = sha256 is null ? new Lazy<string>(ComputeSha256) : new Lazy<string>(sha256);
    }

    /// <inheritdoc/>
    public int Count => _labels_N.Length;

    /// <inheritdoc/>
    public int Channels { get; }

    /// <inheritdoc/>
    public int Height { get; }

    /// <inheritdoc/>
    public int Width { get; }

    /// <inheritdoc/>
    public int ImageLength => Channels * Height * Width;

    /// <inheritdoc/>
    public int Classes { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNames { get; init; } = [];

    /// <inheritdoc/>
    public ReadOnlySpan<int> Labels => _labels_N;

    /// <inheritdoc/>
    public string Sha256 => _sha256.Value;

    /// <inheritdoc/>
    public PixelNormalization? Normalization { get; }

    /// <summary>How the elements of an image are stored.</summary>
    private protected abstract ImageElements Elements { get; }

    /// <summary>Of black and white, normalised as the images are; null of numbers.</summary>
    public IReadOnlyList<(double Least, double Most)>? Bounds => Elements.Bounds;

    /// <summary>Bytes of an image as it is stored.</summary>
    internal int StoredBytes => Elements.ImageBytes;

    /// <summary>How stored elements become values that are not normalised.</summary>
    internal ImageElements PlainElements => Elements.Plain;

    /// <summary>Copies an image as it is stored, its elements little-endian.</summary>
    internal void CopyStoredImage(int index, Span<byte> destination) => CopyStored(index, destination);

    /// <inheritdoc/>
    public ILabelledImages Take(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return limit >= Count ? this : Select([.. Enumerable.Range(0, limit)]);
    }

    /// <summary>Copies of some samples, in this order.</summary>
    public abstract ILabelledImages Select(IReadOnlyList<int> indices);

    /// <inheritdoc/>
    public void Gather(ReadOnlySpan<int> indices, Span<float> destination_NCHW)
    {
        ThrowIfTooSmall(indices.Length * (long)ImageLength, destination_NCHW.Length);
        for (var i = 0; i < indices.Length; i++)
        {
            ThrowIfOutside(indices[i]);
            CopyImage(indices[i], destination_NCHW.Slice(i * ImageLength, ImageLength));
        }
    }

    /// <inheritdoc/>
    public void GatherAugmented(ReadOnlySpan<int> indices, Span<float> destination_NCHW, long seed, int epoch)
    {
        ThrowIfTooSmall(indices.Length * (long)ImageLength, destination_NCHW.Length);
        var buffer = ArrayPool<float>.Shared.Rent(ImageLength);
        var image_CHW = buffer.AsSpan(0, ImageLength);
        float[] black_C = [.. Enumerable.Range(0, Channels).Select(Black)];
        for (var i = 0; i < indices.Length; i++)
        {
            ThrowIfOutside(indices[i]);
            CopyImage(indices[i], image_CHW);
            var draw = CropAndFlip.Draw(seed, epoch, indices[i]);
            Augmentation.RandomCropAndFlip(image_CHW, black_C, Height, Width, draw, destination_NCHW.Slice(i * ImageLength, ImageLength));
        }

        ArrayPool<float>.Shared.Return(buffer);
    }

    /// <inheritdoc/>
    public void GatherLabels(ReadOnlySpan<int> indices, Span<long> destination_N)
    {
        ThrowIfTooSmall(indices.Length, destination_N.Length);
        for (var i = 0; i < indices.Length; i++)
        {
            destination_N[i] = _labels_N[indices[i]];
        }
    }

    /// <summary>Writes one image as a network is given it.</summary>
    protected abstract void CopyImage(int index, Span<float> destination_CHW);

    private protected abstract void CopyStored(int index, Span<byte> destination);

    /// <summary>What a pixel of value zero becomes, with which crops are padded.</summary>
    protected float Black(int channel) => Normalization?.Apply(0, channel) ?? 0;

    /// <summary>The values as they are hashed, in file order.</summary>
    protected abstract void AppendValues(IncrementalHash hash);

    /// <summary>The labels of some samples.</summary>
    protected int[] LabelsOf(IReadOnlyList<int> indices) => [.. indices.Select(index => _labels_N[index])];

    private void ThrowIfOutside(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
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
        using var hash = ImagesHash.Begin(Elements, _labels_N, Channels, Height, Width, Classes);
        AppendValues(hash);
        return ImagesHash.End(hash);
    }
}
