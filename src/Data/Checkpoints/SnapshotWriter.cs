namespace Lcnn.Distributed.Data.Checkpoints;

/// <summary>Writes a snapshot so that it is either there and whole, or not there.</summary>
/// <remarks>
/// Everything is written into a temporary folder beside the final one; files and folder are flushed to the disk, the folder
/// is renamed, and the parent is flushed. The snapshot counts once the coordinator has committed it, after which
/// <see cref="SnapshotStore.SetLatest(string, SnapshotName, SnapshotName?)"/> points people to it.
/// </remarks>
public static class SnapshotWriter
{
    /// <summary>Writes a snapshot below the run's folder, which is created if need be.</summary>
    /// <exception cref="IOException">The disk refused; no earlier snapshot is touched.</exception>
    public static SnapshotName Write(string rootFolder, SnapshotContent content) => Write(rootFolder, content, DiskFileSystem.Instance);

    internal static SnapshotName Write(string rootFolder, SnapshotContent content, ISnapshotFileSystem disk)
    {
        ArgumentException.ThrowIfNullOrEmpty(rootFolder);
        ArgumentNullException.ThrowIfNull(content);
        ArgumentOutOfRangeException.ThrowIfNegative(content.Step);
        ArgumentOutOfRangeException.ThrowIfNegative(content.Generation);

        var root = Path.GetFullPath(rootFolder);
        var name = SnapshotName.New(content.Step, content.Generation);
        var temporary = Path.Combine(root, SnapshotFiles.Temporary(name));
        CreateRoot(root, disk);
        try
        {
            disk.CreateDirectory(temporary);
            WriteFiles(temporary, content, disk);
            disk.FlushDirectory(temporary);
            disk.MoveDirectory(temporary, Path.Combine(root, name.ToString()));
        }
        catch
        {
            DeleteQuietly(temporary, disk);
            throw;
        }

        disk.FlushDirectory(root);
        return name;
    }

    private static void CreateRoot(string root, ISnapshotFileSystem disk)
    {
        var changed = new List<string>();
        for (var folder = root; !Directory.Exists(folder);)
        {
            folder = Path.GetDirectoryName(folder)!;
            changed.Add(folder);
        }

        disk.CreateDirectory(root);
        changed.ForEach(disk.FlushDirectory);
    }

    private static void WriteFiles(string folder, SnapshotContent content, ISnapshotFileSystem disk)
    {
        var state = new SnapshotState(
            content.Step, content.Epoch, content.Generation, WeightsHash.Compute(content.Model), content.Run,
            WriteFile(folder, SnapshotFiles.Model, file => SafeTensorsFile.Write(file, content.Model, content.Metadata), disk),
            WriteFile(folder, SnapshotFiles.Optimizer, file => SafeTensorsFile.Write(file, content.Optimizer, content.Metadata), disk));
        WriteFile(folder, SnapshotFiles.State, file => file.Write(state.ToBytes()), disk);
    }

    private static FileDigest WriteFile(string folder, string name, Action<Stream> write, ISnapshotFileSystem disk)
    {
        // hashed on the way to the disk: what comes back must be what was meant, not what was stored
        using var file = disk.CreateFile(Path.Combine(folder, name));
        using var hashed = new HashingStream(file);
        write(hashed);
        disk.FlushFile(file);
        return hashed.Digest();
    }

    internal static void DeleteQuietly(string path, ISnapshotFileSystem disk)
    {
        try
        {
            disk.Delete(path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // what stays behind is removed by the next prune; the first error is the one to report
        }
    }
}
