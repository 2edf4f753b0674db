using System.Buffers.Binary;
using System.Security.Cryptography;
using Lcnn.Distributed.Data.Files;

namespace Lcnn.Distributed.Data.Series;

/// <summary>How the blocks of a history lie in its file: the length of each, its SHA-256, its bytes.</summary>
internal static class SeriesFrames
{
    public const string Advice = "Its history is lost from there on; delete this file, training goes on without it";
    private const int HashBytes = 32;
    private const int FrameBytes = sizeof(int) + HashBytes;
    private const int MostBytes = 64 << 20;
    private static readonly byte[] _magic = [.. "LCNNSER1"u8];

    /// <summary>What a file begins with.</summary>
    public static ReadOnlySpan<byte> Magic => _magic;

    public static byte[] Frame(byte[] payload)
    {
        var frame = new byte[FrameBytes + payload.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, payload.Length);
        SHA256.HashData(payload, frame.AsSpan(sizeof(int), HashBytes));
        payload.CopyTo(frame, FrameBytes);
        return frame;
    }

    /// <summary>Those behind one that was read before; all behind none. The last one may be half written, whichever half: then it is not told.</summary>
    public static IEnumerable<(BlockPlace Place, byte[] Payload)> Read(string path, BlockPlace? after)
    {
        using var file = Open(path);
        CheckMagic(file);
        file.Position = after?.End ?? file.Position;
        while (NextLength(file) is { } length)
        {
            var offset = file.Position - sizeof(int);
            var (hash, payload) = ReadFrame(file, length);
            if (payload is null)
            {
                if (file.Position == file.Length)
                {
                    yield break;
                }

                throw new DataFileException(path, $"at byte {offset} a block with SHA-256 {Convert.ToHexStringLower(hash)}", "another", Advice);
            }

            yield return (new BlockPlace(offset, file.Position, hash), payload);
        }
    }

    /// <summary>Whether a block that was read before is still there, and so what is before it.</summary>
    public static bool Has(string path, BlockPlace place)
    {
        using var file = Open(path);
        if (file.Length < place.End)
        {
            return false;
        }

        var hash = new byte[HashBytes];
        file.Position = place.Offset + sizeof(int);
        file.ReadExactly(hash);
        return place.Hash.SequenceEqual(hash);
    }

    /// <summary>Where the next block goes.</summary>
    public static long EndOf(FileStream file)
    {
        if (file.Length < _magic.Length)
        {
            file.SetLength(0);
            file.Write(_magic);
            return _magic.Length;
        }

        CheckMagic(file);
        var end = file.Position;
        while (NextLength(file) is { } length)
        {
            var whole = file.Position + HashBytes + length;
            if (whole == file.Length && ReadFrame(file, length).Payload is null)
            {
                break;
            }

            file.Position = end = whole;
        }

        return end;
    }

    private static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    // No payload where the hash is another's.
    private static (byte[] Hash, byte[]? Payload) ReadFrame(FileStream file, int length)
    {
        var (hash, payload) = (new byte[HashBytes], new byte[length]);
        file.ReadExactly(hash);
        file.ReadExactly(payload);
        return (hash, SHA256.HashData(payload).AsSpan().SequenceEqual(hash) ? payload : null);
    }

    // Null where no whole block follows.
    private static int? NextLength(FileStream file)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        if (file.Length - file.Position < FrameBytes)
        {
            return null;
        }

        var offset = file.Position;
        file.ReadExactly(bytes);
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        return length == 0 ? null // a disk that lost its power fills up with zeros
            : length is < 0 or > MostBytes ? throw new DataFileException(file.Name, $"the length of a block at byte {offset}", $"{length}", Advice)
            : file.Length - file.Position - HashBytes < length ? null
            : length;
    }

    private static void CheckMagic(FileStream file)
    {
        var magic = new byte[_magic.Length];
        if (file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) < magic.Length || !magic.AsSpan().SequenceEqual(_magic))
        {
            throw new DataFileException(file.Name, "the history of a run", "another file", "Move it away, or choose another folder");
        }
    }
}
