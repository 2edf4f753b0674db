namespace Lcnn.Distributed.Data.Parquet;

/// <summary>Reads Parquet's hybrid of repeated and bit-packed numbers, in which levels and places in dictionaries are written.</summary>
internal static class HybridRuns
{
    private const int WidestNumber = 32;

    /// <summary>So many numbers of a width in bits.</summary>
    /// <exception cref="InvalidDataException">There are fewer, or they are damaged.</exception>
    public static int[] Read(ReadOnlySpan<byte> bytes, int width, int count)
    {
        if (width > WidestNumber)
        {
            throw new InvalidDataException($"numbers of {width} bits");
        }

        var (values, filled, position) = (new int[count], 0, 0);
        while (filled < count)
        {
            var head = ReadVarint(bytes, ref position);
            if ((head & 1) == 0)
            {
                var value = ReadNumber(bytes, (width + 7) / 8, ref position);
                var repeats = (int)Math.Min(head >> 1, (ulong)(count - filled));
                if (repeats == 0)
                {
                    throw new InvalidDataException("a run of no numbers");
                }

                values.AsSpan(filled, repeats).Fill(value);
                filled += repeats;
                continue;
            }

            var groups = head >> 1;
            if (groups == 0 || groups * (ulong)width > (ulong)(bytes.Length - position))
            {
                throw new InvalidDataException("packed numbers beyond the end");
            }

            var packed = bytes.Slice(position, (int)groups * width);
            var taken = (int)Math.Min(groups * 8, (ulong)(count - filled));
            for (var i = 0; i < taken; i++)
            {
                values[filled++] = Unpack(packed, (long)i * width, width);
            }

            position += packed.Length;
        }

        return values;
    }

    private static int Unpack(ReadOnlySpan<byte> packed, long bit, int width)
    {
        var value = 0L;
        for (var i = 0; i < width; i++, bit++)
        {
            value |= (long)((packed[(int)(bit >> 3)] >> (int)(bit & 7)) & 1) << i;
        }

        return unchecked((int)value);
    }

    private static int ReadNumber(ReadOnlySpan<byte> bytes, int count, ref int position)
    {
        var value = 0L;
        for (var i = 0; i < count; i++)
        {
            value |= (long)ReadByte(bytes, ref position) << (8 * i);
        }

        return unchecked((int)value);
    }

    private static ulong ReadVarint(ReadOnlySpan<byte> bytes, ref int position)
    {
        var value = 0UL;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var part = ReadByte(bytes, ref position);
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("a run of more numbers than fit");
    }

    private static byte ReadByte(ReadOnlySpan<byte> bytes, ref int position) =>
        position < bytes.Length ? bytes[position++] : throw new InvalidDataException("an end inside a run");
}
