using Lcnn.Distributed.Data.Files;

namespace Lcnn.Distributed.Data.Downloads;

/// <summary>One file of a download on disk, and the errors that say what a user can do without the network.</summary>
/// <param name="Path">Where it is to lie.</param>
/// <param name="Wanted">This file and those still to be downloaded after it.</param>
internal sealed record DownloadTarget(DataFile File, string Path, IReadOnlyList<DataFile> Wanted)
{
    private const int WindowsSharingViolation = unchecked((int)0x80070020);
    private const int LinuxWouldBlock = 11;
    private const int BsdWouldBlock = 35;

    /// <summary>Bytes that have arrived, whoever fetches them.</summary>
    public long ReceivedBytes => new FileInfo(PartPath) is { Exists: true } part ? part.Length : 0;

    private string PartPath => Path + ".part";

    /// <summary>Opens and locks the .part file; null when another process holds it.</summary>
    public FileStream? TryOpenPart()
    {
        // Windows renames an open file only if it is shared for deletion; elsewhere None is what takes the lock.
        var share = OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None;
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
            return new FileStream(
                PartPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, share, bufferSize: 0, FileOptions.Asynchronous);
        }
        catch (IOException exception) when (exception.HResult is WindowsSharingViolation or LinuxWouldBlock or BsdWouldBlock)
        {
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Disk(exception);
        }
    }

    public async Task WriteAsync(FileStream part, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (part.Position + bytes.Length > File.Bytes)
        {
            System.IO.File.Delete(PartPath);
            throw new DataFileException(
                Path, $"{File.Bytes} bytes from {File.Address}", "more", $"The server sends another file. {ByHand()}");
        }

        try
        {
            await part.WriteAsync(bytes, cancellationToken);
        }
        catch (IOException exception)
        {
            throw Disk(exception);
        }
    }

    /// <summary>Gives the whole, checked file its name; the lock is still held, so nobody writes to it meanwhile.</summary>
    public void Commit(FileStream part)
    {
        try
        {
            part.Flush(flushToDisk: true);
            System.IO.File.Move(PartPath, Path);
        }
        catch (IOException exception)
        {
            throw Disk(exception);
        }
    }

    public DataFileException Mismatch(string sha256)
    {
        System.IO.File.Delete(PartPath);
        return new DataFileException(
            Path, $"SHA-256 {File.Sha256} of {File.Address}", $"{sha256}; the download was deleted",
            $"Try again: a damaged transfer or a proxy may be the cause. {ByHand()}");
    }

    public DataFileException Refused(int status, string? reason) =>
        new(Path, $"to download {File.Address}", $"HTTP status {status} {reason}".TrimEnd(), $"The server lacks it. {ByHand()}");

    public DataFileException Unreachable(string message, long received, Exception cause) =>
        new(Path, $"to download {File.Address}", $"no connection ({message})", $"{Resume(received)}. {ByHand()}", cause);

    public DataFileException Cut(long received, string problem) =>
        new(Path, $"{File.Bytes} bytes from {File.Address}", $"{received} ({problem})", $"{Resume(received)}. {ByHand()}");

    private DataFileException Disk(Exception cause) =>
        new(PartPath, "to write the download", cause.Message,
            "Free space or set LCNN_CACHE to a folder that can be written", cause);

    private static string Resume(long received) =>
        received > 0 ? $"Try again to go on after {received} bytes" : "Check the connection and try again";

    private string ByHand() =>
        $"Or put into {System.IO.Path.GetDirectoryName(Path)} by hand: {string.Join(", ", Wanted.Select(file => file.Address))}";
}
