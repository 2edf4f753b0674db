using System.Runtime.InteropServices;

namespace Lcnn.Distributed.Data.Checkpoints;

/// <summary>The real disk.</summary>
internal sealed partial class DiskFileSystem : ISnapshotFileSystem
{
    private const int InvalidArgument = 22;
    private const int BufferBytes = 1 << 16;

    public static DiskFileSystem Instance { get; } = new();

    public void CreateDirectory(string path) => Directory.CreateDirectory(path);

    public Stream CreateFile(string path) => new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferBytes);

    public void FlushFile(Stream file) => ((FileStream)file).Flush(flushToDisk: true);

    public void FlushDirectory(string path)
    {
        // .NET opens no folders; Windows journals renames and needs nothing here.
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Open(path, flags: 0);
        if (descriptor < 0)
        {
            throw Failure("open", path);
        }

        try
        {
            // EINVAL: a file system without fsync of folders, where nothing more can be done
            if (Fsync(descriptor) != 0 && Marshal.GetLastPInvokeError() != InvalidArgument)
            {
                throw Failure("fsync", path);
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    public void MoveDirectory(string source, string destination) => Directory.Move(source, destination);

    public void ReplaceFile(string source, string destination) => File.Move(source, destination, overwrite: true);

    public void CopyFile(string source, string destination) => File.Copy(source, destination, overwrite: true);

    public void Delete(string path)
    {
        if (new FileInfo(path).LinkTarget is not null)
        {
            File.Delete(path); // what it leads to is somebody else's
        }
        else if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
        else if (File.Exists(path))
        {
            File.Delete(path);
        }
    }

    private static IOException Failure(string call, string path) =>
        new($"{path}: {call} of the folder failed: {Marshal.GetLastPInvokeErrorMessage()}");

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
