using System.Buffers;
using System.Security.Cryptography;
using Lcnn.Distributed.Data.Images;

namespace Lcnn.Distributed.Data.Packed;

/// <summary>Some samples of a packed set, which stay in their file until they are gathered.</summary>
internal sealed class PackedImages : LabelledImages
{
    private readonly PackedFile _file;
    private readonly int[] _positions;
    private readonly ImageElements _elements;

    private PackedImages(PackedFile file, int[] positions, ImageElements elements, string? sha256)
        : base(
            Array.ConvertAll(positions, position => file.Index.Labels[position]), file.Index.Description.Channels, file.Index.Description.Height,
            file.Index.Description.Width, file.Index.Description.Classes, file.Index.Description.Normalization, sha256)
    {
        (_file, _positions, _elements) = (file, positions, elements);
        ClassNames = file.Index.Description.ClassNames;
    }

    private protected override ImageElements Elements => _elements;

    /// <summary>A part of a set, with the hash that its file carries.</summary>
    public static PackedImages Part(PackedFile file, bool test) =>
        Part(file, test, test ? file.Index.Description.TestSha256 : file.Index.Description.TrainSha256);

    /// <summary>A part of a set, with a hash that is known, or else is computed when it is asked for.</summary>
    public static PackedImages Part(PackedFile file, bool test, string? sha256) =>
        new(file, file.Index.PositionsOf(test), file.Index.Description.NewElements(), sha256);

    /// <inheritdoc/>
    public override ILabelledImages Select(IReadOnlyList<int> indices) =>
        new PackedImages(_file, [.. indices.Select(index => _positions[index])], _elements, sha256: null);

    /// <inheritdoc/>
    protected override void CopyImage(int index, Span<float> destination_CHW)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(StoredBytes);
        var stored_CHW = buffer.AsSpan(0, StoredBytes);
        _file.ReadImage(_positions[index], stored_CHW);
        _elements.Convert(stored_CHW, destination_CHW);
        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <inheritdoc/>
    protected override void AppendValues(IncrementalHash hash)
    {
        var image = new byte[StoredBytes];
        foreach (var position in _positions)
        {
            _file.ReadImage(position, image);
            hash.AppendData(image);
        }
    }

    private protected override void CopyStored(int index, Span<byte> destination) => _file.ReadImage(_positions[index], destination);
}
