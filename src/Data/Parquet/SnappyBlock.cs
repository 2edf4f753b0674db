using System.Buffers.Binary;

namespace Lcnn.Distributed.Data.Parquet;

/// <summary>Unpacks Snappy's raw format (github.com/google/snappy, format_description.txt) to a size that is known.</summary>
internal static class SnappyBlock
{
    /// <summary>The unpacked bytes.</summary>
    /// <exception cref="InvalidDataException">They are damaged, or not as many.</exception>
    public static byte[] Unpack(ReadOnlySpan<byte> packed, int bytes)
    {
        var (claimed, position) = ReadLength(packed);
        // A copy of three bytes stands for 64: more cannot be inside.
        if (claimed != bytes || bytes > 22L * packed.Length)
        {
            throw new InvalidDataException($"{claimed} bytes packed with Snappy where {bytes} are expected");
        }

        var (output, filled) = (new byte[bytes], 0);
        while (position < packed.Length)
        {
            var tag = packed[position++];
            if ((tag & 3) == 0)
            {
                var length = ReadLiteralLength(packed, tag, ref position);
                if (length > packed.Length - position || length > bytes - filled)
                {
                    throw new InvalidDataException("a literal beyond the end");
                }

                packed.Slice(position, (int)length).CopyTo(output.AsSpan(filled));
                (position, filled) = (position + (int)length, filled + (int)length);
                continue;
            }

            var (offset, count) = ReadCopy(packed, tag, ref position);
            if (offset == 0 || offset > filled || count > bytes - filled)
            {
                throw new InvalidDataException("a copy from outside");
            }

            for (var i = 0; i < count; i++, filled++)
            {
                output[filled] = output[filled - (int)offset];
            }
        }

        return filled == bytes ? output : throw new InvalidDataException($"{filled} bytes packed with Snappy where {bytes} are expected");
    }

    private static (long Length, int Position) ReadLength(ReadOnlySpan<byte> packed)
    {
        var length = 0L;
        for (var i = 0; i < 5 && i < packed.Length; i++)
        {
            length |= (long)(packed[i] & 0x7F) << (7 * i);
            if (packed[i] < 0x80)
            {
                return (length, i + 1);
            }
        }

        throw new InvalidDataException("no length before bytes packed with Snappy");
    }

    private static long ReadLiteralLength(ReadOnlySpan<byte> packed, byte tag, ref int position)
    {
        var length = tag >> 2;
        if (length < 60)
        {
            return length + 1;
        }

        var bytes = length - 59;
        Span<byte> number = stackalloc byte[sizeof(uint)];
        Take(packed, bytes, ref position).CopyTo(number);
        return BinaryPrimitives.ReadUInt32LittleEndian(number) + 1L;
    }

    private static (uint Offset, int Count) ReadCopy(ReadOnlySpan<byte> packed, byte tag, ref int position) => (tag & 3) switch
    {
        1 => ((uint)((tag >> 5 << 8) | Take(packed, 1, ref position)[0]), ((tag >> 2) & 7) + 4),
        2 => (BinaryPrimitives.ReadUInt16LittleEndian(Take(packed, 2, ref position)), (tag >> 2) + 1),
        _ => (BinaryPrimitives.ReadUInt32LittleEndian(Take(packed, 4, ref position)), (tag >> 2) + 1),
    };

    private static ReadOnlySpan<byte> Take(ReadOnlySpan<byte> packed, int count, ref int position)
    {
        if (count > packed.Length - position)
        {
            throw new InvalidDataException("an end inside a tag");
        }

        position += count;
        return packed.Slice(position - count, count);
    }
}
