using System.Buffers.Binary;

namespace Lcnn.Distributed.Data.Parquet;

/// <summary>Reads Thrift's compact protocol from memory.</summary>
/// <remarks>Every fault is an <see cref="InvalidDataException"/>; depth and sizes are bounded by constants and by the bytes that are there.</remarks>
internal ref struct ThriftReader(ReadOnlySpan<byte> bytes)
{
    private const int DeepestStruct = 32;
    private const int LongestVarint = 10;
    private const int True = 1;
    private const int False = 2;
    private const int Byte = 3;
    private const int Double = 7;
    private const int Binary = 8;
    private const int List = 9;
    private const int Set = 10;
    private const int Map = 11;
    private const int Struct = 12;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Bytes read.</summary>
    public int Position { get; private set; }

    /// <summary>Reads a struct to its end.</summary>
    public ThriftStruct ReadStruct() => ReadStruct(0);

    private ThriftStruct ReadStruct(int depth)
    {
        if (depth > DeepestStruct)
        {
            throw new InvalidDataException("structs lie too deep");
        }

        var (fields, number) = (new Dictionary<int, object>(), 0);
        while (ReadByte() is var head && head != 0)
        {
            number = (head >> 4) is var step and > 0 ? number + step : (int)ReadZigzag();
            fields[number] = (head & 15) switch
            {
                True => true,
                False => false,
                var type => ReadValue(type, depth),
            };
        }

        return new ThriftStruct(fields);
    }

    private object ReadValue(int type, int depth) => type switch
    {
        True or False => ReadByte() == True,
        Byte => (long)(sbyte)ReadByte(),
        4 or 5 or 6 => ReadZigzag(),
        Double => BinaryPrimitives.ReadDoubleLittleEndian(Take(sizeof(double))),
        Binary => Take(ReadCount()).ToArray(),
        List or Set => ReadList(depth),
        Map => ReadMap(depth),
        Struct => ReadStruct(depth + 1),
        _ => throw new InvalidDataException($"a field of type {type}"),
    };

    private List<object> ReadList(int depth)
    {
        if (depth > DeepestStruct)
        {
            throw new InvalidDataException("lists lie too deep");
        }

        var head = ReadByte();
        var count = head >> 4 is var few and < 15 ? few : ReadCount();
        var list = new List<object>();
        for (var i = 0; i < count; i++)
        {
            list.Add(ReadValue(head & 15, depth + 1));
        }

        return list;
    }

    // Read past alone: nothing that is needed lies in one.
    private List<object> ReadMap(int depth)
    {
        if (depth > DeepestStruct)
        {
            throw new InvalidDataException("maps lie too deep");
        }

        var count = ReadCount();
        var types = count > 0 ? ReadByte() : 0;
        for (var i = 0; i < count; i++)
        {
            ReadValue(types >> 4, depth + 1);
            ReadValue(types & 15, depth + 1);
        }

        return [];
    }

    private byte ReadByte() => Take(1)[0];

    // What each element takes at least is one byte.
    private int ReadCount() => ReadVarint() is var count && count <= (ulong)(_bytes.Length - Position) ? (int)count : throw new InvalidDataException("a length beyond the end");

    private long ReadZigzag() => ReadVarint() is var raw ? (long)(raw >> 1) ^ -(long)(raw & 1) : 0;

    private ulong ReadVarint()
    {
        var value = 0UL;
        for (var i = 0; i < LongestVarint; i++)
        {
            var part = ReadByte();
            value |= (ulong)(part & 0x7F) << (7 * i);
            if (part < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("a number of more than 64 bits");
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _bytes.Length - Position)
        {
            throw new InvalidDataException("an end inside a value");
        }

        Position += count;
        return _bytes.Slice(Position - count, count);
    }
}
