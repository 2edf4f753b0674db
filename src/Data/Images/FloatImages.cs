using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Lcnn.Distributed.Data.Images;

// Shape suffixes: N samples, C channels, H height, W width.

/// <summary>Labelled images as the numbers that a file holds, planar (NCHW); they are taken as they are unless they are normalised.</summary>
public sealed class FloatImages : LabelledImages
{
    private const int HashedAtOnce = 16 << 10;

    private readonly float[] _values_NCHW;
    private readonly FloatElements _elements;

    /// <summary>Takes over both arrays.</summary>
    public FloatImages(
        float[] values_NCHW, int[] labels_N, int channels, int height, int width, int classes, PixelNormalization? normalization = null)
        : base(labels_N, channels, height, width, classes, normalization)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(
            values_NCHW.LongLength, labels_N.LongLength * channels * height * width, nameof(values_NCHW));
        _values_NCHW = values_NCHW;
        _elements = new FloatElements(channels, height * width, normalization);
    }

    private protected override ImageElements Elements => _elements;

    /// <inheritdoc/>
    public override ILabelledImages Select(IReadOnlyList<int> indices)
    {
        var values = new float[indices.Count * ImageLength];
        for (var i = 0; i < indices.Count; i++)
        {
            _values_NCHW.AsSpan(indices[i] * ImageLength, ImageLength).CopyTo(values.AsSpan(i * ImageLength));
        }

        return new FloatImages(values, LabelsOf(indices), Channels, Height, Width, Classes, Normalization) { ClassNames = ClassNames };
    }

    /// <inheritdoc/>
    protected override void CopyImage(int index, Span<float> destination_CHW) => _elements.Convert(ImageOf(index), destination_CHW);

    private protected override void CopyStored(int index, Span<byte> destination) => ImageOf(index).CopyTo(destination);

    private ReadOnlySpan<byte> ImageOf(int index) => MemoryMarshal.AsBytes(_values_NCHW.AsSpan(index * ImageLength, ImageLength));

    /// <inheritdoc/>
    protected override void AppendValues(IncrementalHash hash)
    {
        var bytes = new byte[HashedAtOnce * sizeof(float)];
        foreach (var values in _values_NCHW.Chunk(HashedAtOnce))
        {
            for (var k = 0; k < values.Length; k++)
            {
                BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(k * sizeof(float)), values[k]);
            }

            hash.AppendData(bytes.AsSpan(0, values.Length * sizeof(float)));
        }
    }
}
