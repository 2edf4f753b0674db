using System.IO.Compression;
using ICSharpCode.SharpZipLib.Checksum;
using Lcnn.Distributed.Data.Files;

namespace Lcnn.Distributed.Data.Numpy;

/// <summary>Reads arrays out of an .npz file, a zip archive of .npy files, compressed or stored; no size that it claims is trusted.</summary>
internal sealed class NpzFile : IDisposable
{
    private const string Extension = ".npy";
    private const int LargestItem = 1 << 14; // so that no sum of sizes overflows
    private const string Advice = "Write it anew with numpy.savez or numpy.savez_compressed";

    private readonly string _path;
    private readonly FileStream _file;
    private readonly ZipArchive _archive;

    /// <summary>Opens the archive.</summary>
    /// <exception cref="DataFileException">It cannot be read, or is no zip archive.</exception>
    public NpzFile(string path)
    {
        _path = path;
        try
        {
            _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DataFileException(path, "a readable file", exception.Message, "Check the path and its permissions", exception);
        }

        try
        {
            _archive = Guard("", () => new ZipArchive(_file, ZipArchiveMode.Read, leaveOpen: true));
            Names = Guard("", () => _archive.Entries.Select(entry => entry.FullName).ToList());
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    private List<string> Names { get; }

    /// <summary>Whether there is an array of this key.</summary>
    public bool Has(string name) => Names.Contains(name + Extension);

    /// <summary>An array by its key.</summary>
    /// <exception cref="DataFileException">There is none, or it is damaged.</exception>
    public NpyArray Read(string name) => Guard(name, () => Read(Find(name), name));

    /// <summary>Type and shape of an array.</summary>
    /// <exception cref="DataFileException">There is none, or it is damaged.</exception>
    public NpyHeader ReadHeader(string name) => Guard(name, () =>
    {
        var entry = Find(name);
        using var stream = entry.Open();
        var header = ReadHeader(stream, name);
        CountBytes(entry, name, header, long.MaxValue / LargestItem);
        return header;
    });

    /// <summary>The bytes of an array, some at a time, whose number divides all; its check sum is compared at the end.</summary>
    /// <exception cref="DataFileException">It is damaged.</exception>
    public IEnumerable<byte[]> ReadParts(string name, int partBytes)
    {
        var entry = Find(name);
        using var stream = Guard(name, entry.Open);
        using var content = new CheckedStream(stream);
        var header = Guard(name, () => ReadHeader(content, name));
        var bytes = CountBytes(entry, name, header, long.MaxValue / LargestItem);
        for (var read = 0L; read < bytes; read += partBytes)
        {
            var part = new byte[partBytes];
            var count = Guard(name, () => content.ReadAtLeast(part, part.Length, throwOnEndOfStream: false));
            yield return count == part.Length ? part : throw Problem(name, $"{bytes} bytes for {header.Type} of shape {header.ShapeText}", $"{read + count}");
        }

        CheckEnd(entry, name, header, content, bytes, bytes);
    }

    /// <summary>An error about an array.</summary>
    public DataFileException Problem(string name, string expected, string got, string advice = Advice, Exception? cause = null) =>
        new(name.Length == 0 ? _path : $"{_path}:{name}", expected, got, advice, cause);

    /// <inheritdoc/>
    public void Dispose()
    {
        _archive.Dispose();
        _file.Dispose();
    }

    private ZipArchiveEntry Find(string name) =>
        _archive.Entries.FirstOrDefault(entry => entry.FullName == name + Extension)
        ?? throw Problem("", "the arrays x_train, y_train, x_test and y_test",
            $"none called {name}, but {(Names.Count == 0 ? "no others" : string.Join(", ", Names.Take(20).Select(Path.GetFileNameWithoutExtension)))}",
            "Save them by these names, as in numpy.savez(file, x_train=..., y_train=..., x_test=..., y_test=...)");

    private NpyArray Read(ZipArchiveEntry entry, string name)
    {
        using var stream = entry.Open();
        using var content = new CheckedStream(stream);
        var header = ReadHeader(content, name);
        var bytes = CountBytes(entry, name, header, Array.MaxLength);
        var data = GrowingBuffer.ReadUpTo(content, bytes);
        CheckEnd(entry, name, header, content, bytes, data.Length);
        return new NpyArray(name, header, data);
    }

    private NpyHeader ReadHeader(Stream content, string name) => NpyHeader.TryRead(content) ?? throw Problem(name, "an array as NumPy writes it", "another header");

    private long CountBytes(ZipArchiveEntry entry, string name, NpyHeader header, long most)
    {
        var bytes = header.CountBytes(most) ?? throw Problem(name, $"at most {most} bytes", $"an array of {header.Type} and shape {header.ShapeText}", "Use fewer or smaller images");
        if (Expansion.IsBomb(entry.CompressedLength, bytes))
        {
            throw Problem(name, $"at most {Expansion.LargestRatio} times the {entry.CompressedLength} bytes in the archive", $"a claim of {bytes}: no images are packed so well");
        }

        return bytes;
    }

    private void CheckEnd(ZipArchiveEntry entry, string name, NpyHeader header, CheckedStream content, long bytes, long read)
    {
        if (read < bytes || Guard(name, content.ReadByte) >= 0)
        {
            throw Problem(name, $"{bytes} bytes for {header.Type} of shape {header.ShapeText}", read < bytes ? $"{read}" : "more");
        }

        if (content.Crc != entry.Crc32)
        {
            throw Problem(name, $"bytes with the check sum {entry.Crc32:x8}", $"{content.Crc:x8}: they were changed");
        }
    }

    // What the archive's reader says of damage depends on where it lies.
    private T Guard<T>(string name, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or NotSupportedException or ArgumentException or OverflowException)
        {
            throw Problem(name, "an intact .npz file", exception.Message.TrimEnd('.'), cause: exception);
        }
    }

    /// <summary>Passes reads on and sums them up; the archive's own reader compares no check sum.</summary>
    private sealed class CheckedStream(Stream inner) : Stream
    {
        private readonly Crc32 _crc = new();

        public uint Crc => (uint)_crc.Value;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = inner.Read(buffer, offset, count);
            _crc.Update(new ArraySegment<byte>(buffer, offset, read));
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
