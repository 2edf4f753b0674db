using System.Buffers.Binary;
using System.IO.Compression;

namespace Lcnn.Distributed.Model.Data;

/// <summary>Reads a data file, gzipped or not, and trusts no length it claims; every fault is a <see cref="DataFileException"/>.</summary>
internal sealed class DataFileStream : IDisposable
{
    // Deflate cannot do better: 258 bytes from two bits.
    private const int LargestDeflateRatio = 1032;
    private const int FirstBufferBytes = 1 << 20;
    private const int GzipTrailerBytes = 8;

    private readonly Stream _file;
    private readonly bool _isGzip;
    private long _readBytes;

    public DataFileStream(string path, Stream file)
    {
        Path = path;
        _file = file;
        _isGzip = StartsAsGzip();
        Content = _isGzip ? new GZipStream(file, CompressionMode.Decompress, leaveOpen: true) : file;
    }

    public string Path { get; }

    /// <summary>The unpacked bytes, for a parser that wants a stream; its exceptions are the caller's to translate.</summary>
    public Stream Content { get; }

    /// <summary>More bytes than this cannot be inside, whatever a header says.</summary>
    public long LargestLength => Math.Min(Array.MaxLength, _isGzip ? _file.Length * LargestDeflateRatio : _file.Length);

    public static DataFileStream Open(string path)
    {
        FileStream? file = null;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            return new DataFileStream(path, file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            throw new DataFileException(path, "a readable file", exception.Message, "Check the path and its permissions", exception);
        }
    }

    public byte[] ReadExactly(long bytes, string what)
    {
        if (bytes > LargestLength)
        {
            throw Damaged($"{bytes} bytes of {what}", $"a file of {_file.Length} bytes, which cannot hold them");
        }

        var buffer = Fill(bytes);
        return buffer.Length == bytes
            ? buffer
            : throw Damaged($"{bytes} bytes of {what}", $"the end of the file after {buffer.Length}");
    }

    public byte[] ReadToEnd(int largestBytes, string what)
    {
        var buffer = Fill(largestBytes + 1L);
        if (buffer.Length > largestBytes)
        {
            throw Damaged($"at most {largestBytes} bytes of {what}", "more");
        }

        ExpectEnd(what);
        return buffer;
    }

    public void ExpectEnd(string what)
    {
        var length = _readBytes;
        if (Read(stackalloc byte[1]) > 0)
        {
            throw Damaged($"the end of the file after {length} bytes of {what}", "more bytes");
        }

        if (_isGzip)
        {
            ExpectTrailer((uint)length);
        }
    }

    public DataFileException Damaged(string expected, string got, Exception? cause = null) =>
        new(Path, expected, got, cause: cause);

    public void Dispose()
    {
        Content.Dispose();
        _file.Dispose();
    }

    // Grows with what arrives, so that a header in a small gzip file cannot claim gigabytes.
    private byte[] Fill(long bytes)
    {
        var buffer = new byte[Math.Min(bytes, FirstBufferBytes)];
        var filled = 0;
        int read;
        while (filled < bytes && (read = Read(buffer.AsSpan(filled))) > 0)
        {
            filled += read;
            if (filled == buffer.Length && filled < bytes)
            {
                Array.Resize(ref buffer, (int)Math.Min(bytes, 2L * filled));
            }
        }

        return filled == buffer.Length ? buffer : buffer[..filled];
    }

    private int Read(Span<byte> buffer)
    {
        try
        {
            var read = Content.Read(buffer);
            _readBytes += read;
            return read;
        }
        catch (InvalidDataException exception)
        {
            throw Damaged("an intact gzip stream", $"a damaged one ({exception.Message})", exception);
        }
        catch (IOException exception)
        {
            throw Damaged("a readable file", exception.Message, exception);
        }
    }

    // GZipStream passes over a missing trailer and over bytes that follow it.
    private void ExpectTrailer(uint length)
    {
        Span<byte> trailer = stackalloc byte[GzipTrailerBytes];
        _file.Seek(-GzipTrailerBytes, SeekOrigin.End);
        _file.ReadExactly(trailer);
        var claimed = BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]);
        if (claimed != length)
        {
            throw Damaged($"a gzip trailer for {length} bytes at the end of the file", $"{claimed}: it is cut short or has bytes added");
        }
    }

    private bool StartsAsGzip()
    {
        Span<byte> magic = stackalloc byte[2];
        var read = _file.ReadAtLeast(magic, 2, throwOnEndOfStream: false);
        _file.Position = 0;
        return read == 2 && magic is [0x1F, 0x8B] && _file.Length > GzipTrailerBytes;
    }
}
