using System.Buffers;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Lcnn.Distributed.Data.Wire;

namespace Lcnn.Distributed.Data.Series;

/// <summary>The bytes of a block: numbers column by column, bytes of one weight together, packed by Brotli.</summary>
internal static class SeriesCoding
{
    private const int MostBytes = 64 << 20; // unpacked
    private const int MostNames = 256;

    public static byte[] Encode(SeriesBlock block)
    {
        using var packed = new MemoryStream();
        using (var brotli = new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        using (var writer = new BinaryWriter(brotli, Encoding.UTF8))
        {
            writer.Write(block.RunId);
            writer.Write(block.LastSequence);
            writer.Write(block.Names.Count);
            foreach (var name in block.Names)
            {
                writer.Write(name);
            }

            writer.Write(block.Steps.Count);
            writer.Write(Shuffled(Differences(block.Steps)));
            writer.Write(Shuffled(Differences(block.Times)));
            foreach (var values in block.Values)
            {
                writer.Write(Shuffled(values));
            }

            writer.Write(block.Notes.Count);
            foreach (var note in block.Notes)
            {
                writer.Write(note.Step);
                writer.Write(note.Json);
            }
        }

        return packed.ToArray();
    }

    /// <exception cref="WireFormatException">It is no block.</exception>
    public static SeriesBlock Decode(byte[] packed)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 16); // a long history has a thousand blocks
        try
        {
            var length = Unpack(packed, ref buffer);
            using var reader = new BinaryReader(new MemoryStream(buffer, 0, length), Encoding.UTF8);
            var (runId, lastSequence) = (reader.ReadString(), reader.ReadInt64());
            var names = Read(reader, MostNames, reader => reader.ReadString());
            var steps = Count(reader, MostBytes / sizeof(long));
            var (stepNumbers, times) = (Sums(Unshuffled<long>(reader, steps)), Sums(Unshuffled<long>(reader, steps)));
            var values = names.Select(_ => Unshuffled<float>(reader, steps)).ToArray();
            return new SeriesBlock
            {
                RunId = runId,
                LastSequence = lastSequence,
                Names = names,
                Steps = stepNumbers,
                Times = times,
                Values = values,
                Notes = Read(reader, MostBytes, reader => new SeriesNote(reader.ReadInt64(), reader.ReadString())),
            };
        }
        catch (Exception exception) when (exception is EndOfStreamException or InvalidDataException or InvalidOperationException or FormatException or DecoderFallbackException or IOException)
        {
            throw new WireFormatException($"it cannot be read: {exception.Message}");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static int Unpack(byte[] packed, ref byte[] buffer)
    {
        using var brotli = new BrotliStream(new MemoryStream(packed), CompressionMode.Decompress);
        for (var length = 0; ;)
        {
            var count = brotli.Read(buffer, length, buffer.Length - length);
            length += count;
            if (length > MostBytes)
            {
                throw new WireFormatException($"it unpacks to more than {MostBytes} bytes");
            }

            if (count == 0)
            {
                return length;
            }

            if (length == buffer.Length)
            {
                var larger = ArrayPool<byte>.Shared.Rent(2 * length);
                buffer.CopyTo(larger, 0);
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = larger;
            }
        }
    }

    private static T[] Read<T>(BinaryReader reader, int most, Func<BinaryReader, T> read)
    {
        var items = new T[Count(reader, most)];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = read(reader);
        }

        return items;
    }

    // Everything takes at least a byte, so that no number makes room for more than there is.
    private static int Count(BinaryReader reader, int most)
    {
        var left = reader.BaseStream.Length - reader.BaseStream.Position;
        return reader.ReadInt32() is var count && count >= 0 && count <= Math.Min(most, left) ? count : throw new WireFormatException($"expected a count of at most {Math.Min(most, left)}, got {count}");
    }

    private static long[] Differences(IReadOnlyList<long> numbers)
    {
        var differences = new long[numbers.Count];
        for (var i = 0; i < differences.Length; i++)
        {
            differences[i] = numbers[i] - (i == 0 ? 0 : numbers[i - 1]);
        }

        return differences;
    }

    private static long[] Sums(long[] differences)
    {
        for (var i = 1; i < differences.Length; i++)
        {
            differences[i] = unchecked(differences[i] + differences[i - 1]);
        }

        return differences;
    }

    // Signs and exponents of neighbours are alike: together they pack well.
    private static byte[] Shuffled<T>(T[] values)
        where T : unmanaged
    {
        var bytes = MemoryMarshal.AsBytes(values.AsSpan());
        var (shuffled, size) = (new byte[bytes.Length], bytes.Length / Math.Max(1, values.Length));
        for (var i = 0; i < bytes.Length; i++)
        {
            shuffled[((i % size) * values.Length) + (i / size)] = bytes[i];
        }

        return shuffled;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // who looks at a long run waits for a thousand blocks
    private static T[] Unshuffled<T>(BinaryReader reader, int count)
        where T : unmanaged
    {
        var values = new T[count];
        var bytes = MemoryMarshal.AsBytes(values.AsSpan());
        var shuffled = reader.ReadBytes(bytes.Length);
        if (shuffled.Length < bytes.Length)
        {
            throw new EndOfStreamException($"expected {bytes.Length} bytes, got {shuffled.Length}");
        }

        var size = bytes.Length / Math.Max(1, count);
        for (var weight = 0; weight < size; weight++)
        {
            for (var i = 0; i < count; i++)
            {
                bytes[(i * size) + weight] = shuffled[(weight * count) + i];
            }
        }

        return values;
    }
}
