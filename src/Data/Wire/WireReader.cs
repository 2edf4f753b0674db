using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Lcnn.Distributed.Data.Wire;

/// <summary>Reads the metadata of a message and makes room for its segments, which are then filled in order.</summary>
/// <remarks>Every length is checked against the bytes that are there, or announced for the segments, before anything is allocated.</remarks>
public sealed class WireReader
{
    private const int MaxTextBytes = 4096;
    private const int MaxSegments = 65_536;

    private readonly List<Memory<byte>> _targets = [];
    private readonly List<IDisposable> _allocated = [];
    private ReadOnlyMemory<byte> _metadata;
    private int _position;
    private long _announced;

    /// <summary>Where the segments go.</summary>
    public IReadOnlyList<Memory<byte>> Targets => _targets;

    private int Left => _metadata.Length - _position;

    /// <summary>Reads the metadata of a message and makes room for its segments.</summary>
    /// <param name="metadata">All of its metadata.</param>
    /// <param name="segmentLength">Bytes announced for its segments, within the caller's bound.</param>
    public void Begin(ReadOnlyMemory<byte> metadata, long segmentLength)
    {
        Complete();
        (_metadata, _position, _announced) = (metadata, 0, segmentLength);
    }

    /// <summary>Checks that nothing is left over.</summary>
    public void End()
    {
        if (Left != 0 || _announced != 0)
        {
            throw new WireFormatException($"{Left} bytes of metadata and {_announced} bytes of segments are left over");
        }
    }

    /// <summary>The message is whole and belongs to its receiver now.</summary>
    public void Complete()
    {
        _targets.Clear();
        _allocated.Clear();
        _metadata = default;
    }

    /// <summary>The message will not be completed: gives back what was allocated for it.</summary>
    public void Abandon()
    {
        foreach (var allocated in _allocated)
        {
            allocated.Dispose();
        }

        Complete();
    }

    public byte ReadByte() => Take(1)[0];

    public bool ReadBoolean() => ReadByte() switch
    {
        0 => false,
        1 => true,
        var other => throw new WireFormatException($"expected 0 or 1, got {other}"),
    };

    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));

    public long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

    public double ReadDouble() => BitConverter.Int64BitsToDouble(ReadInt64());

    public double? ReadOptional() => ReadBoolean() ? ReadDouble() : null;

    /// <summary>A count of things that take at least so many bytes of metadata each.</summary>
    public int ReadCount(int bytesEach)
    {
        var count = ReadInt32();
        return count >= 0 && (long)count * bytesEach <= Left
            ? count
            : throw new WireFormatException($"a count of {count} with {Left} bytes left");
    }

    public double[] ReadDoubles()
    {
        var values = new double[ReadCount(sizeof(double))];
        var bytes = Take(values.Length * sizeof(double));
        if (BitConverter.IsLittleEndian)
        {
            bytes.CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
            return values;
        }

        for (var i = 0; i < values.Length; i++)
        {
            values[i] = BinaryPrimitives.ReadDoubleLittleEndian(bytes[(i * sizeof(double))..]);
        }

        return values;
    }

    public string ReadText()
    {
        var count = ReadCount(1);
        return count <= MaxTextBytes ? Encoding.UTF8.GetString(Take(count)) : throw new WireFormatException($"a text of {count} bytes");
    }

    /// <summary>Lays claim to some of the announced bytes; call it before allocating for them.</summary>
    public int ClaimSegment(Int128 length)
    {
        if (length < 0 || length > _announced || length > int.MaxValue)
        {
            throw new WireFormatException($"a segment of {length} bytes with {_announced} announced");
        }

        _announced -= (long)length;
        return (int)length;
    }

    /// <summary>Adds the place of the segment that was claimed last.</summary>
    public void AddTarget(Memory<byte> target, IDisposable? allocated = null)
    {
        if (_targets.Count == MaxSegments)
        {
            allocated?.Dispose();
            throw new WireFormatException($"more than {MaxSegments} segments");
        }

        _targets.Add(target);
        if (allocated is not null)
        {
            _allocated.Add(allocated);
        }
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > Left)
        {
            throw new WireFormatException($"expected {count} bytes, {Left} are left");
        }

        _position += count;
        return _metadata.Span.Slice(_position - count, count);
    }
}
