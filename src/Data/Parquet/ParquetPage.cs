using System.Buffers.Binary;

namespace Lcnn.Distributed.Data.Parquet;

/// <summary>The values of one page, unpacked but not decoded.</summary>
/// <param name="Values">Rows, those without a value included.</param>
/// <param name="Levels">For each row the level at which it is defined; null where all are.</param>
/// <param name="Encoding">How the values are written.</param>
/// <param name="Body">The values that are there.</param>
internal sealed record ParquetPage(int Values, int[]? Levels, int Encoding, ReadOnlyMemory<byte> Body)
{
    private const int Plain = 0;
    private const int PlainDictionary = 2;
    private const int Dictionary = 8;

    /// <summary>Whether values are places in the chunk's dictionary.</summary>
    public bool IsIndexed => Encoding is PlainDictionary or Dictionary;

    /// <summary>Decodes texts and other bytes.</summary>
    public static ReadOnlyMemory<byte>[] PlainBytes(ReadOnlyMemory<byte> body, int count)
    {
        if (count > body.Length / sizeof(int))
        {
            throw new InvalidDataException($"{count} values in {body.Length} bytes");
        }

        var (values, position) = (new ReadOnlyMemory<byte>[count], 0);
        for (var i = 0; i < count; i++)
        {
            if (body.Length - position < sizeof(int))
            {
                throw new InvalidDataException("an end before the length of a value");
            }

            var length = BinaryPrimitives.ReadUInt32LittleEndian(body.Span[position..]);
            position += sizeof(int);
            if (length > body.Length - position)
            {
                throw new InvalidDataException($"a value of {length} bytes beyond the end of its page");
            }

            values[i] = body.Slice(position, (int)length);
            position += (int)length;
        }

        return values;
    }

    /// <summary>Decodes whole numbers of 4 or 8 bytes.</summary>
    public static long[] PlainNumbers(ReadOnlyMemory<byte> body, int count, int bytes)
    {
        if (count > body.Length / bytes)
        {
            throw new InvalidDataException($"{count} numbers in {body.Length} bytes");
        }

        var values = new long[count];
        for (var i = 0; i < count; i++)
        {
            var item = body.Span[(i * bytes)..];
            values[i] = bytes == sizeof(int) ? BinaryPrimitives.ReadInt32LittleEndian(item) : BinaryPrimitives.ReadInt64LittleEndian(item);
        }

        return values;
    }

    /// <summary>The value of every row, or nothing where it has none.</summary>
    public (bool IsThere, T Value)[] Decode<T>(int definition, T[]? dictionary, Func<ReadOnlyMemory<byte>, int, T[]> plain)
    {
        var count = Levels?.Count(level => level == definition) ?? Values;
        var values = Encoding == Plain ? plain(Body, count) : IsIndexed ? FromDictionary(dictionary, count)
            : throw new InvalidDataException($"values in encoding {Encoding}; write it with plain or dictionary encoding");
        var (rows, next) = (new (bool, T)[Values], 0);
        for (var i = 0; i < Values; i++)
        {
            if (Levels is null || Levels[i] == definition)
            {
                rows[i] = (true, values[next++]);
            }
        }

        return rows;
    }

    private T[] FromDictionary<T>(T[]? dictionary, int count)
    {
        if (count == 0)
        {
            return [];
        }

        if (dictionary is null || Body.Length == 0)
        {
            throw new InvalidDataException("places in a dictionary that is not there");
        }

        return Array.ConvertAll(
            HybridRuns.Read(Body.Span[1..], Body.Span[0], count),
            place => (uint)place < (uint)dictionary.Length ? dictionary[place] : throw new InvalidDataException($"place {place} in a dictionary of {dictionary.Length}"));
    }
}
