using System.Buffers.Binary;
using System.Security.Cryptography;
using Lcnn.Distributed.Data.Files;

namespace Lcnn.Distributed.Data.Packed;

/// <summary>The first 4096 bytes of a packed set: where its data and its index lie (docs/data.md).</summary>
/// <param name="DataBytes">Of all values; they follow the prefix.</param>
/// <param name="IndexBytes">Of the index, which ends the file.</param>
/// <param name="IndexSha256">Over all of the index.</param>
internal sealed record PackedLayout(long DataBytes, long IndexBytes, byte[] IndexSha256)
{
    /// <summary>How such files end.</summary>
    public const string Ending = ".lcds";

    /// <summary>Of the prefix; the data begins behind it.</summary>
    public const int PrefixBytes = 4096;

    /// <summary>Of what one digest covers; the last block may be shorter.</summary>
    public const int BlockBytes = 1 << 20;

    private const int Version = 1;
    private const int VersionAt = 8;
    private const int BlockBytesAt = 12;
    private const int DataBytesAt = 16;
    private const int IndexBytesAt = 24;
    private const int IndexDigestAt = 32;
    private const int PrefixDigestAt = PrefixBytes - SHA256.HashSizeInBytes;
    private const string Damage = "Pack it again from its source, or copy it again";

    /// <summary>Changed by whatever takes the file for text.</summary>
    private static ReadOnlySpan<byte> Magic => [0x89, (byte)'L', (byte)'C', (byte)'D', (byte)'S', (byte)'\r', (byte)'\n', 0x1A];

    /// <summary>Blocks of the data.</summary>
    public long BlockCount => (DataBytes + BlockBytes - 1) / BlockBytes;

    /// <summary>Where the index begins.</summary>
    public long IndexAt => PrefixBytes + DataBytes;

    /// <summary>The prefix as bytes.</summary>
    public byte[] ToBytes()
    {
        var prefix = new byte[PrefixBytes];
        Magic.CopyTo(prefix);
        BinaryPrimitives.WriteInt32LittleEndian(prefix.AsSpan(VersionAt), Version);
        BinaryPrimitives.WriteInt32LittleEndian(prefix.AsSpan(BlockBytesAt), BlockBytes);
        BinaryPrimitives.WriteInt64LittleEndian(prefix.AsSpan(DataBytesAt), DataBytes);
        BinaryPrimitives.WriteInt64LittleEndian(prefix.AsSpan(IndexBytesAt), IndexBytes);
        IndexSha256.CopyTo(prefix.AsSpan(IndexDigestAt));
        SHA256.HashData(prefix.AsSpan(0, PrefixDigestAt), prefix.AsSpan(PrefixDigestAt));
        return prefix;
    }

    /// <summary>Out of the first bytes of a file.</summary>
    /// <param name="path">For messages.</param>
    /// <param name="prefix">As many as there are, up to <see cref="PrefixBytes"/>.</param>
    /// <param name="fileBytes">Length of the file.</param>
    /// <exception cref="DataFileException">It is no packed set, is damaged, or of another version.</exception>
    public static PackedLayout Parse(string path, ReadOnlySpan<byte> prefix, long fileBytes)
    {
        if (!prefix[..Math.Min(Magic.Length, prefix.Length)].SequenceEqual(Magic[..Math.Min(Magic.Length, prefix.Length)]) || prefix.Length == 0)
        {
            throw Foreign(path);
        }

        if (prefix.Length < PrefixBytes)
        {
            throw new DataFileException(path, $"at least {PrefixBytes} bytes", $"{fileBytes}: it is cut short", Damage);
        }

        var version = BinaryPrimitives.ReadInt32LittleEndian(prefix[VersionAt..]);
        if (version != Version)
        {
            throw new DataFileException(
                path, $"version {Version} of the format", $"version {version}: it is of a newer release, or damaged", "Use the release that packed it, or pack the set again with this one");
        }

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(prefix[..PrefixDigestAt], digest);
        if (!digest.SequenceEqual(prefix[PrefixDigestAt..]))
        {
            throw Damaged(path, "its first 4096 bytes", prefix[PrefixDigestAt..], digest);
        }

        var layout = new PackedLayout(
            BinaryPrimitives.ReadInt64LittleEndian(prefix[DataBytesAt..]), BinaryPrimitives.ReadInt64LittleEndian(prefix[IndexBytesAt..]),
            prefix.Slice(IndexDigestAt, SHA256.HashSizeInBytes).ToArray());
        var blockBytes = BinaryPrimitives.ReadInt32LittleEndian(prefix[BlockBytesAt..]);
        if (blockBytes != BlockBytes || layout.DataBytes is < 0 or > long.MaxValue / 4 || layout.IndexBytes is < 0 or > int.MaxValue)
        {
            throw new DataFileException(path, $"blocks of {BlockBytes} bytes and lengths that a file can have", $"{blockBytes}, {layout.DataBytes} and {layout.IndexBytes}", Damage);
        }

        return fileBytes == layout.IndexAt + layout.IndexBytes
            ? layout
            : throw new DataFileException(
                path, $"{layout.IndexAt + layout.IndexBytes} bytes, as it says of itself", $"{fileBytes}: it is cut short or has bytes added", Damage);
    }

    /// <summary>Says that a file is none of these.</summary>
    public static DataFileException Foreign(string path) =>
        new(path, "a set that 'lcnn data pack' wrote", "a file that does not begin as one", "Name another file, or pack the set first");

    /// <summary>Says that a part of a file is not what was written.</summary>
    public static DataFileException Damaged(string path, string part, ReadOnlySpan<byte> expected, ReadOnlySpan<byte> got) => new(
        path, $"SHA-256 {Convert.ToHexStringLower(expected)} of {part}", $"{Convert.ToHexStringLower(got)}: it was changed or damaged since it was packed", Damage);

    /// <summary>Says that the index contradicts itself, which no writer of ours does.</summary>
    public static DataFileException Contradiction(string path, string expected, string got) => new(path, expected, got, Damage);
}
