namespace Lcnn.Distributed.Grains.Collectives.Wire;

/// <summary>Walks through segments as if they were one piece of memory; a copy walks on its own.</summary>
internal struct SegmentCursor(IReadOnlyList<ReadOnlyMemory<byte>> segments)
{
    private int _segment;
    private int _offset;

    /// <summary>Bytes walked.</summary>
    public long Position { get; private set; }

    /// <summary>The next bytes that lie together, at least one and at most so many.</summary>
    public ReadOnlySpan<byte> Take(int count)
    {
        while (segments[_segment].Length == _offset)
        {
            (_segment, _offset) = (_segment + 1, 0);
        }

        var bytes = segments[_segment].Span[_offset..];
        bytes = bytes[..Math.Min(count, bytes.Length)];
        _offset += bytes.Length;
        Position += bytes.Length;
        return bytes;
    }
}
