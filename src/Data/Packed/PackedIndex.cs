using System.Buffers.Binary;
using System.Security.Cryptography;
using Lcnn.Distributed.Data.Files;

namespace Lcnn.Distributed.Data.Packed;

/// <summary>What ends a packed set: its description, label and part of every sample in the order they are stored, and the digest of every block.</summary>
/// <param name="Description">Of the images.</param>
/// <param name="Labels">By stored sample.</param>
/// <param name="IsTest">By stored sample; training samples else.</param>
/// <param name="BlockDigests">SHA-256, one after the other.</param>
internal sealed record PackedIndex(PackedDescription Description, int[] Labels, bool[] IsTest, byte[] BlockDigests)
{
    /// <summary>The index as bytes.</summary>
    public byte[] ToBytes()
    {
        var json = Description.ToJson();
        var bytes = new byte[sizeof(int) + json.Length + (Labels.Length * (sizeof(int) + 1L)) + BlockDigests.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, json.Length);
        json.CopyTo(bytes, sizeof(int));
        var rest = bytes.AsSpan(sizeof(int) + json.Length);
        for (var i = 0; i < Labels.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(rest[(i * sizeof(int))..], Labels[i]);
        }

        rest = rest[(Labels.Length * sizeof(int))..];
        for (var i = 0; i < IsTest.Length; i++)
        {
            rest[i] = IsTest[i] ? (byte)1 : (byte)0;
        }

        BlockDigests.CopyTo(rest[IsTest.Length..]);
        return bytes;
    }

    /// <summary>Out of bytes whose digest was right: they are as they were written, by whomever.</summary>
    /// <exception cref="DataFileException">They contradict themselves or the layout.</exception>
    public static PackedIndex Parse(string path, PackedLayout layout, ReadOnlySpan<byte> bytes)
    {
        var textBytes = bytes.Length < sizeof(int) ? -1 : BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (textBytes < 0 || textBytes > bytes.Length - sizeof(int))
        {
            throw PackedLayout.Contradiction(path, "an index that begins with the length of its description", $"{textBytes} of {bytes.Length} bytes");
        }

        var description = PackedDescription.Parse(path, bytes.Slice(sizeof(int), textBytes));
        var rest = bytes[(sizeof(int) + textBytes)..];
        var wanted = (description.Count * (sizeof(int) + 1L)) + (layout.BlockCount * SHA256.HashSizeInBytes);
        if (description.ImageBytes * description.Count != layout.DataBytes || rest.Length != wanted)
        {
            throw PackedLayout.Contradiction(
                path, $"{description.Count} samples of {description.ImageBytes} bytes, with labels and digests of {wanted} bytes", $"{layout.DataBytes} and {rest.Length} bytes");
        }

        var labels = new int[description.Count];
        for (var i = 0; i < labels.Length; i++)
        {
            labels[i] = BinaryPrimitives.ReadInt32LittleEndian(rest[(i * sizeof(int))..]);
        }

        var parts = rest.Slice(labels.Length * sizeof(int), labels.Length);
        if (labels.AsSpan().ContainsAnyExceptInRange(0, description.Classes - 1) || parts.ContainsAnyExceptInRange((byte)0, (byte)1) || parts.Count((byte)1) != description.TestCount)
        {
            throw PackedLayout.Contradiction(
                path, $"labels from 0 to {description.Classes - 1} and {description.TestCount} samples of the test part", $"others, or {parts.Count((byte)1)} samples of the test part");
        }

        return new PackedIndex(description, labels, Array.ConvertAll(parts.ToArray(), part => part == 1), rest[(labels.Length * (sizeof(int) + 1))..].ToArray());
    }

    /// <summary>Where the samples of a part are stored, in the part's order.</summary>
    public int[] PositionsOf(bool test) => [.. Enumerable.Range(0, IsTest.Length).Where(i => IsTest[i] == test)];
}
