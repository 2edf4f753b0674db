using System.Buffers.Binary;
using ICSharpCode.SharpZipLib;
using ICSharpCode.SharpZipLib.Checksum;
using ICSharpCode.SharpZipLib.Zip.Compression;

namespace Lcnn.Distributed.Data.Files;

/// <summary>Walks the members of a gzip file, of which pigz, bgzip and cat make several, and checks each to its last byte (RFC 1952).</summary>
/// <remarks>GZipStream unpacks them all, but passes over a missing trailer and over bytes that follow the last one.</remarks>
internal static class GzipMembers
{
    private const int BufferBytes = 64 << 10;
    private const int HeaderBytes = 10;
    private const int TrailerBytes = 8;

    /// <summary>What the members unpack to together, or null unless the file consists of whole members and nothing else.</summary>
    public static long? TryCountBytes(Stream file)
    {
        file.Position = 0;
        var (total, buffer, output) = (0L, new byte[BufferBytes], new byte[BufferBytes]);
        try
        {
            do
            {
                SkipHeader(file);
                total += Unpack(file, buffer, output);
            }
            while (file.Position < file.Length);

            return total;
        }
        catch (Exception exception) when (exception is SharpZipBaseException or EndOfStreamException or InvalidDataException)
        {
            return null;
        }
    }

    private static void SkipHeader(Stream file)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        file.ReadExactly(header);
        if (header is not [0x1F, 0x8B, 8, ..])
        {
            throw new InvalidDataException();
        }

        var flags = header[3];
        if ((flags & 4) != 0)
        {
            Span<byte> length = stackalloc byte[2];
            file.ReadExactly(length);
            Skip(file, BinaryPrimitives.ReadUInt16LittleEndian(length));
        }

        SkipText(file, (flags & 8) != 0); // the file's name
        SkipText(file, (flags & 16) != 0); // a comment
        Skip(file, (flags & 2) != 0 ? 2 : 0); // the header's check sum
    }

    private static long Unpack(Stream file, byte[] buffer, byte[] output)
    {
        var (inflater, crc) = (new Inflater(noHeader: true), new Crc32());
        while (!inflater.IsFinished)
        {
            if (inflater.IsNeedingInput)
            {
                var read = file.Read(buffer);
                inflater.SetInput(buffer, 0, read > 0 ? read : throw new EndOfStreamException());
            }

            var count = inflater.Inflate(output);
            crc.Update(new ArraySegment<byte>(output, 0, count));
            if (count == 0 && !inflater.IsFinished && !inflater.IsNeedingInput)
            {
                throw new InvalidDataException();
            }
        }

        file.Position -= inflater.RemainingInput;
        Span<byte> trailer = stackalloc byte[TrailerBytes];
        file.ReadExactly(trailer);
        return BinaryPrimitives.ReadUInt32LittleEndian(trailer) == (uint)crc.Value && BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]) == (uint)inflater.TotalOut
            ? inflater.TotalOut
            : throw new InvalidDataException();
    }

    private static void Skip(Stream file, int bytes) =>
        file.Position = file.Position + bytes <= file.Length ? file.Position + bytes : throw new EndOfStreamException();

    private static void SkipText(Stream file, bool isThere)
    {
        while (isThere && file.ReadByte() is var letter && letter != 0)
        {
            if (letter < 0)
            {
                throw new EndOfStreamException();
            }
        }
    }
}
