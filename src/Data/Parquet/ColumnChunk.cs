using System.Buffers.Binary;
using System.IO.Compression;
using ICSharpCode.SharpZipLib.Checksum;
using Lcnn.Distributed.Data.Files;

namespace Lcnn.Distributed.Data.Parquet;

/// <summary>The values of one column in one row group: pages one after the other, the dictionary first.</summary>
/// <remarks>parquet.thrift of apache/parquet-format: ColumnMetaData, PageHeader. Every size is held against the file before memory is taken.</remarks>
internal sealed class ColumnChunk(Stream file, ParquetColumn column, ThriftStruct metadata)
{
    private const int LargestPage = 1 << 30;
    private const int LargestCount = 1 << 22;
    private const int UsualHeader = 1 << 12;
    private const int LargestHeader = 1 << 24;
    private const int DataPage = 0;
    private const int IndexPage = 1;
    private const int DictionaryPage = 2;
    private const int DataPageV2 = 3;
    private const int Rle = 3;

    /// <summary>Bytes that it takes in the file.</summary>
    public long Bytes => metadata.Needed(7);

    /// <summary>Bytes of every row.</summary>
    public IEnumerable<(bool IsThere, ReadOnlyMemory<byte> Value)> ReadBytes() => Read(ParquetPage.PlainBytes);

    /// <summary>Whole numbers of every row.</summary>
    public IEnumerable<(bool IsThere, long Value)> ReadNumbers() =>
        Read((body, count) => ParquetPage.PlainNumbers(body, count, column.Type == ParquetType.Int32 ? sizeof(int) : sizeof(long)));

    private IEnumerable<(bool IsThere, T Value)> Read<T>(Func<ReadOnlyMemory<byte>, int, T[]> plain)
    {
        var (position, end) = FindPlace();
        var left = metadata.Needed(5);
        T[]? dictionary = null;
        while (left > 0)
        {
            var (header, headerBytes) = ReadHeader(position, end);
            var packed = ReadPacked(header, position + headerBytes, end);
            position += headerBytes + packed.Length;
            var type = header.Needed(1);
            if (type == DictionaryPage && dictionary is null)
            {
                var count = Count(header.Struct(7)?.Number(1));
                dictionary = plain(Unpack(packed, header.Needed(2)), count);
            }
            else if (type is DataPage or DataPageV2)
            {
                var page = type == DataPage ? PageOf(header, packed) : PageOfV2(header, packed);
                left -= page.Values > 0 && page.Values <= left ? page.Values : throw new InvalidDataException($"a page of {page.Values} values where {left} are left");
                foreach (var row in page.Decode(column.Definition, dictionary, plain))
                {
                    yield return row;
                }
            }
            else if (type != IndexPage)
            {
                throw new InvalidDataException($"a page of type {type}");
            }
        }
    }

    private (long Begin, long End) FindPlace()
    {
        var data = metadata.Needed(9);
        var begin = metadata.Number(11) is { } dictionary and > 0 && dictionary < data ? dictionary : data;
        var bytes = metadata.Needed(7);
        return begin >= 0 && bytes >= 0 && begin <= file.Length && bytes <= file.Length - begin
            ? (begin, begin + bytes)
            : throw new InvalidDataException($"{column.Path} at {begin}, {bytes} bytes long, in a file of {file.Length}");
    }

    private (ThriftStruct Header, int Bytes) ReadHeader(long position, long end)
    {
        for (var size = UsualHeader; ; size = LargestHeader)
        {
            file.Position = position;
            var reader = new ThriftReader(GrowingBuffer.ReadUpTo(file, Math.Min(size, end - position)));
            try
            {
                return (reader.ReadStruct(), reader.Position);
            }
            catch (InvalidDataException) when (size == UsualHeader && end - position > size)
            {
                // it holds the smallest and largest value, which may be long
            }
        }
    }

    private byte[] ReadPacked(ThriftStruct header, long position, long end)
    {
        var bytes = header.Needed(3);
        if (bytes < 0 || bytes > end - position || bytes > LargestPage)
        {
            throw new InvalidDataException($"a page of {bytes} bytes where {Math.Min(end - position, LargestPage)} are left");
        }

        file.Position = position;
        var packed = GrowingBuffer.ReadUpTo(file, bytes);
        if (packed.Length != bytes)
        {
            throw new InvalidDataException("an end inside a page");
        }

        if (header.Number(4) is { } sum)
        {
            var crc = new Crc32();
            crc.Update(packed);
            if ((uint)crc.Value != (uint)sum)
            {
                throw new InvalidDataException("a page whose bytes were changed since its check sum was taken");
            }
        }

        return packed;
    }

    private ParquetPage PageOf(ThriftStruct header, byte[] packed)
    {
        var data = header.Struct(5) ?? throw new InvalidDataException("a data page without a header");
        var (body, count) = (Unpack(packed, header.Needed(2)).AsMemory(), Count(data.Number(1)));
        if (column.Definition == 0)
        {
            return new ParquetPage(count, null, (int)data.Needed(2), body);
        }

        if (data.Number(3) is not Rle || body.Length < sizeof(int))
        {
            throw new InvalidDataException("levels that are not written in runs");
        }

        var length = BinaryPrimitives.ReadUInt32LittleEndian(body.Span);
        if (length > body.Length - sizeof(int))
        {
            throw new InvalidDataException("levels beyond the end of a page");
        }

        var levels = HybridRuns.Read(body.Span.Slice(sizeof(int), (int)length), LevelWidth, count);
        return new ParquetPage(count, levels, (int)data.Needed(2), body[(sizeof(int) + (int)length)..]);
    }

    private ParquetPage PageOfV2(ThriftStruct header, byte[] packed)
    {
        var data = header.Struct(8) ?? throw new InvalidDataException("a data page without a header");
        var (count, definitions, repetitions) = (Count(data.Number(1)), data.Needed(5), data.Needed(6));
        var unpacked = header.Needed(2) - definitions - repetitions;
        if (definitions < 0 || repetitions < 0 || definitions + repetitions > packed.Length || unpacked < 0)
        {
            throw new InvalidDataException("levels beyond the end of a page");
        }

        var levels = column.Definition == 0 ? null : HybridRuns.Read(packed.AsSpan((int)repetitions, (int)definitions), LevelWidth, count);
        var body = packed[(int)(definitions + repetitions)..];
        return new ParquetPage(count, levels, (int)data.Needed(4), data.Flag(7, otherwise: true) && unpacked > 0 ? Unpack(body, unpacked) : body);
    }

    private int LevelWidth => 32 - int.LeadingZeroCount(column.Definition);

    private static int Count(long? claimed) =>
        claimed is { } count and >= 0 and <= LargestCount ? (int)count : throw new InvalidDataException($"a page of {claimed} values");

    private byte[] Unpack(byte[] packed, long bytes)
    {
        if (bytes is < 0 or > LargestPage || Expansion.IsBomb(packed.Length, bytes))
        {
            throw new InvalidDataException($"a page of {packed.Length} bytes that is said to unpack to {bytes}");
        }

        var unpacked = (ParquetCodec)(metadata.Number(4) ?? 0) switch
        {
            ParquetCodec.None => packed,
            ParquetCodec.Snappy => SnappyBlock.Unpack(packed, (int)bytes),
            ParquetCodec.Gzip => GrowingBuffer.ReadUpTo(new GZipStream(new MemoryStream(packed), CompressionMode.Decompress), bytes),
            ParquetCodec.Brotli => GrowingBuffer.ReadUpTo(new BrotliStream(new MemoryStream(packed), CompressionMode.Decompress), bytes),
            var codec => throw new InvalidDataException($"pages packed with {codec}; write it with snappy, gzip, brotli or none"),
        };
        return unpacked.Length == bytes ? unpacked : throw new InvalidDataException($"a page of {unpacked.Length} bytes where {bytes} are expected");
    }
}

/// <summary>How pages are packed, by the format's numbers.</summary>
internal enum ParquetCodec
{
    None = 0,
    Snappy = 1,
    Gzip = 2,
    Lzo = 3,
    Brotli = 4,
    Lz4 = 5,
    Zstd = 6,
    Lz4Raw = 7,
}
