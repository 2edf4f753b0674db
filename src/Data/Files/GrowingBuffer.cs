namespace Lcnn.Distributed.Data.Files;

/// <summary>Reads as many bytes as a header claims; memory grows with what arrives, so that no claim makes it large.</summary>
internal static class GrowingBuffer
{
    private const int FirstBytes = 1 << 20;

    /// <summary>At most so many bytes; fewer where the stream ends.</summary>
    public static byte[] ReadUpTo(Stream stream, long bytes)
    {
        var buffer = new byte[Math.Min(bytes, FirstBytes)];
        var filled = 0;
        int read;
        while (filled < bytes && (read = stream.Read(buffer.AsSpan(filled))) > 0)
        {
            filled += read;
            if (filled == buffer.Length && filled < bytes)
            {
                Array.Resize(ref buffer, (int)Math.Min(bytes, 2L * filled));
            }
        }

        return filled == buffer.Length ? buffer : buffer[..filled];
    }
}
