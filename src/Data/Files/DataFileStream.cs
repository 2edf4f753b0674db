using System.Buffers.Binary;
using System.IO.Compression;

namespace Lcnn.Distributed.Data.Files;

/// <summary>Reads a data file, gzipped or not, and trusts no length it claims; every fault is a <see cref="DataFileException"/>.</summary>
internal sealed class DataFileStream : IDisposable
{
    // Deflate cannot do better: 258 bytes from two bits.
    private const int LargestDeflateRatio = 1032;
    private const int BufferBytes = 64 << 10;
    private const int GzipTrailerBytes = 8;

    private readonly Stream _file;
    private readonly bool _isGzip;
    private readonly Stream _content;

    public DataFileStream(string path, Stream file)
    {
        Path = path;
        _file = file;
        _isGzip = StartsAsGzip();
        _content = _isGzip ? new GZipStream(file, CompressionMode.Decompress, leaveOpen: true) : file;
    }

    public string Path { get; }

    /// <summary>How many unpacked bytes were read.</summary>
    public long Position { get; private set; }

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

        var buffer = ReadUpTo(bytes);
        return buffer.Length == bytes
            ? buffer
            : throw Damaged($"{bytes} bytes of {what}", $"the end of the file after {buffer.Length}");
    }

    /// <summary>Reads what is there.</summary>
    public byte[] ReadUpTo(long bytes) => GrowingBuffer.ReadUpTo(Read, bytes);

    public byte[] ReadToEnd(int largestBytes, string what)
    {
        var buffer = ReadUpTo(largestBytes + 1L);
        if (buffer.Length > largestBytes)
        {
            throw Damaged($"at most {largestBytes} bytes of {what}", "more");
        }

        ExpectEnd(what);
        return buffer;
    }

    public void Skip(long bytes, string what)
    {
        var end = Position + bytes;
        var buffer = new byte[BufferBytes];
        while (Position < end)
        {
            if (Read(buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - Position))) == 0)
            {
                throw Damaged($"{bytes} bytes of {what}", $"the end of the file {end - Position} bytes too early");
            }
        }
    }

    public void SkipToEnd(long largestBytes)
    {
        var buffer = new byte[BufferBytes];
        while (Read(buffer) > 0)
        {
            if (Position > largestBytes)
            {
                throw Damaged($"at most {largestBytes} bytes", "more");
            }
        }

        ExpectEnd("content");
    }

    public void ExpectEnd(string what)
    {
        var length = Position;
        if (Read(stackalloc byte[1]) > 0)
        {
            throw Damaged($"the end of the file after {length} bytes of {what}", "more bytes");
        }

        if (_isGzip)
        {
            ExpectTrailer(length);
        }
    }

    public DataFileException Damaged(string expected, string got, Exception? cause = null) =>
        new(Path, expected, got, cause: cause);

    public void Dispose()
    {
        _content.Dispose();
        _file.Dispose();
    }

    private int Read(Span<byte> buffer)
    {
        try
        {
            var read = _content.Read(buffer);
            Position += read;
            return read;
        }
        catch (InvalidDataException exception)
        {
            throw Damaged("an intact gzip stream", "one whose bytes or check sum were changed", exception);
        }
        catch (IOException exception)
        {
            throw Damaged("a readable file", exception.Message, exception);
        }
    }

    // GZipStream passes over a missing trailer and over bytes that follow it. The trailer is the last member's, mostly the only one.
    private void ExpectTrailer(long length)
    {
        Span<byte> trailer = stackalloc byte[GzipTrailerBytes];
        _file.Seek(-GzipTrailerBytes, SeekOrigin.End);
        _file.ReadExactly(trailer);
        var claimed = BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]);
        if (claimed != (uint)length && GzipMembers.TryCountBytes(_file) != length)
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
