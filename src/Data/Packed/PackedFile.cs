using System.Buffers;
using System.Security.Cryptography;
using Lcnn.Distributed.Data.Files;
using Microsoft.Win32.SafeHandles;

namespace Lcnn.Distributed.Data.Packed;

/// <summary>A packed set that is open: its index in memory, its images on disk, where any number of threads read them.</summary>
/// <remarks>
/// Images are read by position out of the system's page cache into a buffer of the reader's, and not mapped: a page of a mapping that
/// cannot be read, since the file shrank or its disk or server failed, ends the process by SIGBUS, where a read fails with an exception.
/// Neither takes memory that the system cannot have back. A block is checked against its digest when it is first touched; where the file's
/// time of change moves, all blocks count as untouched again. Closed by the collector, as whoever gathers holds no lease on the file.
/// </remarks>
internal sealed class PackedFile : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly PackedIndex _index;
    private Checked _checked;

    private PackedFile(string path, SafeFileHandle handle)
    {
        (Path, _handle) = (path, handle);
        _checked = new Checked(TimeOfChange(), 0);
        Layout = ReadLayout();
        _index = ReadIndex();
        _checked = new Checked(_checked.Time, Layout.BlockCount);
    }

    /// <summary>Where it lies.</summary>
    public string Path { get; }

    /// <summary>Where its parts lie.</summary>
    public PackedLayout Layout { get; }

    /// <summary>What is known of its images.</summary>
    public PackedIndex Index => _index;

    /// <summary>Length of the file.</summary>
    public long Length => Layout.IndexAt + Layout.IndexBytes;

    /// <summary>Opens a file and checks all of it but its images.</summary>
    /// <exception cref="DataFileException">It is no packed set, is damaged, or of another version.</exception>
    public static PackedFile Open(string path)
    {
        // Of no length is a pipe, too, which nobody may ever write to.
        if (new FileInfo(path).Length == 0)
        {
            throw PackedLayout.Foreign(path);
        }

        var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, FileOptions.RandomAccess);
        try
        {
            return new PackedFile(path, handle);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Reads an image as it is stored.</summary>
    /// <param name="position">Of the sample among those that are stored.</param>
    /// <param name="destination">Of an image's length.</param>
    /// <exception cref="DataFileException">The file was changed or damaged, or cannot be read.</exception>
    public void ReadImage(int position, Span<byte> destination)
    {
        var start = position * (long)destination.Length;
        while (true)
        {
            var seen = Volatile.Read(ref _checked);
            for (var block = start / PackedLayout.BlockBytes; block <= (start + destination.Length - 1) / PackedLayout.BlockBytes; block++)
            {
                if (!seen.Has(block))
                {
                    Check(block);
                    seen.Add(block);
                }
            }

            Read(PackedLayout.PrefixBytes + start, destination);
            var time = TimeOfChange();
            if (time == seen.Time)
            {
                return;
            }

            // What was read may be from before the change or from after: it is checked and read anew.
            Interlocked.CompareExchange(ref _checked, new Checked(time, Layout.BlockCount), seen);
        }
    }

    /// <summary>Reads a block of the data, unchecked.</summary>
    /// <returns>Its bytes in the buffer, which has room for a whole one.</returns>
    public ReadOnlySpan<byte> ReadBlock(long block, byte[] buffer)
    {
        var start = block * PackedLayout.BlockBytes;
        var bytes = buffer.AsSpan(0, (int)Math.Min(PackedLayout.BlockBytes, Layout.DataBytes - start));
        Read(PackedLayout.PrefixBytes + start, bytes);
        return bytes;
    }

    /// <summary>Checks a block against its digest.</summary>
    /// <exception cref="DataFileException">It is not what was written, or cannot be read.</exception>
    public void Check(long block)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(PackedLayout.BlockBytes);
        try
        {
            var bytes = ReadBlock(block, buffer);
            var expected = _index.BlockDigests.AsSpan((int)block * SHA256.HashSizeInBytes, SHA256.HashSizeInBytes);
            Span<byte> got = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(bytes, got);
            if (!got.SequenceEqual(expected))
            {
                var start = PackedLayout.PrefixBytes + (block * PackedLayout.BlockBytes);
                throw PackedLayout.Damaged(Path, $"block {block} (bytes {start} to {start + bytes.Length - 1})", expected, got);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private PackedLayout ReadLayout()
    {
        var length = RandomAccess.GetLength(_handle);
        var prefix = new byte[(int)Math.Min(PackedLayout.PrefixBytes, length)];
        Read(0, prefix);
        return PackedLayout.Parse(Path, prefix, length);
    }

    private PackedIndex ReadIndex()
    {
        var index = new byte[Layout.IndexBytes];
        Read(Layout.IndexAt, index);
        var digest = SHA256.HashData(index);
        return digest.AsSpan().SequenceEqual(Layout.IndexSha256)
            ? PackedIndex.Parse(Path, Layout, index)
            : throw PackedLayout.Damaged(Path, $"its index (bytes {Layout.IndexAt} to {Length - 1})", Layout.IndexSha256, digest);
    }

    private void Read(long offset, Span<byte> destination)
    {
        try
        {
            for (var read = 0; read < destination.Length;)
            {
                var count = RandomAccess.Read(_handle, destination[read..], offset + read);
                if (count == 0)
                {
                    throw new DataFileException(
                        Path, $"{destination.Length} bytes at {offset}", $"the end of the file after {read}: it was cut short while it was in use", "Leave the file alone while it is trained on; copy or pack it again");
                }

                read += count;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(exception);
        }
    }

    private DateTime TimeOfChange()
    {
        try
        {
            return File.GetLastWriteTimeUtc(_handle);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(exception);
        }
    }

    private DataFileException Unreadable(Exception exception) =>
        new(Path, "a file that can be read", exception.Message, "Check the disk or the server that it lies on", exception);

    /// <summary>Which blocks were checked since the file changed last. Two threads may check one block.</summary>
    private sealed class Checked(DateTime time, long blockCount)
    {
        private const int Bits = 32;

        private readonly int[] _blocks = new int[(blockCount + Bits - 1) / Bits];

        public DateTime Time { get; } = time;

        public bool Has(long block) => (Volatile.Read(ref _blocks[block / Bits]) & (1 << (int)(block % Bits))) != 0;

        public void Add(long block) => Interlocked.Or(ref _blocks[block / Bits], 1 << (int)(block % Bits));
    }
}
