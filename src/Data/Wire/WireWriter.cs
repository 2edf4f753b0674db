using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Lcnn.Distributed.Data.Wire;

/// <summary>Takes a message apart into metadata, which is copied, and segments, which stay where they are.</summary>
/// <remarks>Little-endian. The bytes of a message are its metadata and then its segments, in order. Meant to be used again and again.</remarks>
public sealed class WireWriter
{
    private readonly List<ReadOnlyMemory<byte>> _segments = [];
    private byte[] _metadata = new byte[4096];
    private int _length;

    /// <summary>Everything but the segments.</summary>
    public ReadOnlyMemory<byte> Metadata => _metadata.AsMemory(0, _length);

    /// <summary>Memory of tensors; it belongs to the message.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Segments => _segments;

    /// <summary>Bytes of all segments.</summary>
    public long SegmentLength { get; private set; }

    /// <summary>Forgets the message, keeps the memory for the next.</summary>
    public void Clear()
    {
        _segments.Clear();
        _length = 0;
        SegmentLength = 0;
    }

    public void WriteByte(byte value) => Reserve(1)[0] = value;

    public void WriteBoolean(bool value) => WriteByte(value ? (byte)1 : (byte)0);

    public void WriteInt32(int value) => BinaryPrimitives.WriteInt32LittleEndian(Reserve(sizeof(int)), value);

    public void WriteInt64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Reserve(sizeof(long)), value);

    /// <summary>All bits, those of a NaN too.</summary>
    public void WriteDouble(double value) => WriteInt64(BitConverter.DoubleToInt64Bits(value));

    /// <summary>Count and values.</summary>
    public void WriteDoubles(ReadOnlySpan<double> values)
    {
        WriteInt32(values.Length);
        if (BitConverter.IsLittleEndian)
        {
            MemoryMarshal.AsBytes(values).CopyTo(Reserve(values.Length * sizeof(double)));
            return;
        }

        foreach (var value in values)
        {
            WriteDouble(value);
        }
    }

    public void WriteOptional(double? value)
    {
        WriteBoolean(value.HasValue);
        if (value is { } number)
        {
            WriteDouble(number);
        }
    }

    public void WriteText(string text)
    {
        var count = Encoding.UTF8.GetByteCount(text);
        WriteInt32(count);
        Encoding.UTF8.GetBytes(text, Reserve(count));
    }

    /// <summary>Adds memory that must hold still until the message is sent.</summary>
    public void WriteSegment(ReadOnlyMemory<byte> bytes)
    {
        _segments.Add(bytes);
        SegmentLength += bytes.Length;
    }

    private Span<byte> Reserve(int count)
    {
        if (_metadata.Length - _length < count)
        {
            Array.Resize(ref _metadata, Math.Max(2 * _metadata.Length, _length + count));
        }

        _length += count;
        return _metadata.AsSpan(_length - count, count);
    }
}
