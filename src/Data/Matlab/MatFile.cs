using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Lcnn.Distributed.Data.Files;

namespace Lcnn.Distributed.Data.Matlab;

/// <summary>Reads real numeric arrays out of a MATLAB file of Level 5 (versions 5 to 7), compressed or not; no size that it claims is trusted.</summary>
/// <remarks>MAT-File Format (MathWorks, 2019), chapter 1. What is no such array is passed over.</remarks>
internal static class MatFile
{
    private const int HeaderBytes = 128;
    private const int TagBytes = 8;
    private const int SmallBytes = 4;
    private const int LargestName = 256;
    private const int LargestRank = 8;
    private const int FirstNumericClass = 6;
    private const int LastNumericClass = 15;
    private const int ComplexFlag = 0x08;

    /// <summary>The arrays by name.</summary>
    /// <exception cref="DataFileException">The file cannot be read, or is damaged.</exception>
    public static IReadOnlyDictionary<string, MatArray> Read(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            return Read(path, file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DataFileException(path, "a readable file", exception.Message, "Check the path and its permissions", exception);
        }
    }

    private static Dictionary<string, MatArray> Read(string path, FileStream file)
    {
        var header = GrowingBuffer.ReadUpTo(file, HeaderBytes);
        if (header.Length < HeaderBytes || header.AsSpan(124) is not [0, 1, (byte)'I', (byte)'M'])
        {
            var isNewer = Encoding.Latin1.GetString(header).StartsWith("MATLAB 7.3", StringComparison.Ordinal);
            throw Damaged(path, "a MATLAB file of version 5 to 7", isNewer ? "one of version 7.3, which is HDF5" : "another header");
        }

        var arrays = new Dictionary<string, MatArray>(StringComparer.Ordinal);
        while (file.Position < file.Length)
        {
            var tag = GrowingBuffer.ReadUpTo(file, TagBytes);
            var (type, bytes) = tag.Length == TagBytes ? Tag(tag) : throw Cut(path);
            var end = file.Position + bytes;
            if (end > file.Length)
            {
                throw Cut(path);
            }

            if ((MatItemType)type == MatItemType.Compressed)
            {
                ReadCompressed(path, file, bytes, arrays);
            }
            else if ((MatItemType)type == MatItemType.Matrix)
            {
                ReadMatrix(path, file, bytes, arrays);
            }
            else
            {
                throw Damaged(path, "elements that are arrays", $"one of type {type}");
            }

            file.Position = end;
        }

        return arrays;
    }

    private static void ReadCompressed(string path, FileStream file, long bytes, Dictionary<string, MatArray> arrays)
    {
        var packed = GrowingBuffer.ReadUpTo(file, bytes);
        try
        {
            using var content = new ZLibStream(new MemoryStream(packed), CompressionMode.Decompress);
            var tag = GrowingBuffer.ReadUpTo(content, TagBytes);
            var (type, length) = tag.Length == TagBytes ? Tag(tag) : throw Cut(path);
            if ((MatItemType)type != MatItemType.Matrix)
            {
                throw Damaged(path, "a compressed array", $"an element of type {type}");
            }

            ReadMatrix(path, content, length, arrays);
            if (GrowingBuffer.ReadUpTo(content, 1).Length > 0)
            {
                throw Damaged(path, "the end of a compressed array", "more bytes");
            }
        }
        catch (InvalidDataException exception)
        {
            throw Damaged(path, "intact compressed bytes", "changed ones", exception);
        }
    }

    private static void ReadMatrix(string path, Stream stream, long bytes, Dictionary<string, MatArray> arrays)
    {
        var elements = new MatElements(path, stream, bytes);
        var flags = elements.Read(TagBytes).Data;
        var sizes = elements.Read(LargestRank * sizeof(int)).Data;
        var name = Encoding.Latin1.GetString(elements.Read(LargestName).Data);
        if (flags.Length != TagBytes || flags[0] is < FirstNumericClass or > LastNumericClass || (flags[1] & ComplexFlag) != 0)
        {
            elements.SkipRest();
            return;
        }

        var shape = new int[sizes.Length / sizeof(int)];
        var count = (Int128)1;
        for (var i = 0; i < shape.Length; i++)
        {
            shape[i] = BinaryPrimitives.ReadInt32LittleEndian(sizes.AsSpan(i * sizeof(int)));
            count *= Math.Max(0, shape[i]);
        }

        var (type, data) = elements.Read(Array.MaxLength);
        if (!Enum.IsDefined((MatItemType)type) || (MatItemType)type is MatItemType.Matrix or MatItemType.Compressed)
        {
            throw Damaged(path, $"numbers in {name}", $"elements of type {type}");
        }

        if (count * ((MatItemType)type).ByteCount() != data.Length || shape.Any(size => size < 0))
        {
            throw Damaged(path, $"{name} of shape {string.Join("x", shape)}", $"{data.Length} bytes of it");
        }

        elements.SkipRest();
        arrays[name] = new MatArray(shape, (MatItemType)type, data);
    }

    private static (int Type, long Bytes) Tag(ReadOnlySpan<byte> tag) =>
        (BinaryPrimitives.ReadInt32LittleEndian(tag), BinaryPrimitives.ReadUInt32LittleEndian(tag[SmallBytes..]));

    private static DataFileException Cut(string path) => Damaged(path, "a whole MATLAB file", "one that was cut short");

    private static DataFileException Damaged(string path, string expected, string got, Exception? cause = null) =>
        new(path, expected, got, "Save it anew in version 7 (as MATLAB's save -v7 and scipy.io.savemat do)", cause);

    /// <summary>The parts of one array, one after the other.</summary>
    private sealed class MatElements(string path, Stream stream, long bytes)
    {
        private long _left = bytes;

        /// <summary>The next part, of at most so many bytes.</summary>
        public (int Type, byte[] Data) Read(long largest)
        {
            var tag = Take(TagBytes);
            var small = BinaryPrimitives.ReadUInt16LittleEndian(tag.AsSpan(2));
            if (small > SmallBytes)
            {
                throw Damaged(path, $"at most {SmallBytes} bytes in a small part of an array", $"{small}");
            }

            if (small > 0)
            {
                return (BinaryPrimitives.ReadUInt16LittleEndian(tag), tag[SmallBytes..(SmallBytes + small)]);
            }

            var (type, length) = Tag(tag);
            if (length > largest || length > _left)
            {
                throw Damaged(path, $"a part of an array of at most {Math.Min(largest, _left)} bytes", $"a claim of {length}");
            }

            var data = Take(length);
            Take(Math.Min(_left, -length & (TagBytes - 1)));
            return (type, data);
        }

        /// <summary>Passes over what is left.</summary>
        public void SkipRest()
        {
            while (_left > 0)
            {
                Take(Math.Min(_left, 1 << 16));
            }
        }

        private byte[] Take(long count)
        {
            if (count > _left)
            {
                throw Cut(path);
            }

            var data = GrowingBuffer.ReadUpTo(stream, count);
            _left -= count;
            return data.Length == count ? data : throw Cut(path);
        }
    }
}
