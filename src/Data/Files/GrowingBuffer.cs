namespace Lcnn.Distributed.Data.Files;

/// <summary>Reads as many bytes as a header claims; memory grows with what arrives, so that no claim makes it large.</summary>
internal static class GrowingBuffer
{
    private const int FirstBytes = 1 << 20;

    /// <summary>Fills a part of a buffer; 0 at the end.</summary>
    public delegate int Reader(Span<byte> buffer);

    /// <summary>At most so many bytes; fewer where the stream ends.</summary>
    public static byte[] ReadUpTo(Stream stream, long bytes) => ReadUpTo(stream.Read, bytes);

    /// <summary>At most so many bytes; fewer where there are no more.</summary>
    public static byte[] ReadUpTo(Reader read, long bytes)
    {
        var buffer = new byte[Math.Min(bytes, FirstBytes)];
        var filled = 0;
        int count;
        while (filled < bytes && (count = read(buffer.AsSpan(filled))) > 0)
        {
            filled += count;
            if (filled == buffer.Length && filled < bytes)
            {
                Array.Resize(ref buffer, (int)Math.Min(bytes, 2L * filled));
            }
        }

        return filled == buffer.Length ? buffer : buffer[..filled];
    }
}
