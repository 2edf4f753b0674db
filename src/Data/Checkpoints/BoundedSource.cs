namespace Lcnn.Distributed.Data.Checkpoints;

/// <summary>Reads blocks whose claimed length is not trusted: it is checked, or memory grows only as bytes arrive.</summary>
internal sealed class BoundedSource
{
    private const int FirstBlockBytes = 1 << 16;

    private readonly Stream _stream;

    public BoundedSource(Stream stream, string name)
    {
        _stream = stream;
        Name = name;
        Remaining = stream.CanSeek ? Math.Max(0, stream.Length - stream.Position) : null;
    }

    /// <summary>What the bytes are called in errors.</summary>
    public string Name { get; }

    /// <summary>Bytes left, or null when the stream cannot tell.</summary>
    public long? Remaining { get; private set; }

    /// <summary>Exactly <paramref name="count"/> bytes, or an error that says <paramref name="what"/> was cut off.</summary>
    public byte[] Read(int count, string what)
    {
        if (Remaining < count)
        {
            throw Truncated(what, count, Remaining.Value);
        }

        var block = GC.AllocateUninitializedArray<byte>(Remaining is null ? Math.Min(count, FirstBlockBytes) : count);
        var filled = 0;
        while (true)
        {
            filled += _stream.ReadAtLeast(block.AsSpan(filled), block.Length - filled, throwOnEndOfStream: false);
            if (filled < block.Length)
            {
                throw Truncated(what, count, filled);
            }

            if (filled == count)
            {
                Remaining -= count;
                return block;
            }

            Array.Resize(ref block, (int)Math.Min(count, 2L * filled));
        }
    }

    /// <summary>Fails when bytes are left.</summary>
    public void ExpectEnd()
    {
        if (_stream.ReadByte() >= 0)
        {
            throw Problem("bytes after the last tensor", "the end of the file", Remaining is { } left ? $"{left} more bytes" : "more bytes");
        }
    }

    /// <summary>An error about these bytes.</summary>
    public CheckpointException Problem(string what, string expected, string got, Exception? inner = null) =>
        new(Name, what, expected, got, "The file is damaged or not safetensors; use another copy or an earlier snapshot.", inner);

    private CheckpointException Truncated(string what, long expected, long got) =>
        Problem($"cut off in {what}", $"{expected} bytes", $"{got}");
}
