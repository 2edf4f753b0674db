namespace Lcnn.Distributed.Data.Checkpoints;

/// <summary>Takes a run's folder back to one of its earlier snapshots: those that are newer are set aside, whole and under their names.</summary>
/// <remarks>
/// Model and report, which are of the newest one, go first; replacing <c>latest</c> decides; the snapshots follow, oldest first. Killed
/// before that, the next call puts model and report back; killed after it, the next call sets aside what is left. So at any time what
/// <c>latest</c> names, the model beside it and the snapshot to go on from are of one past. The folder they go to is itself that of a run.
/// </remarks>
public static class SnapshotRewind
{
    private const string Prefix = "until-";

    /// <summary>Goes back, if anything is newer.</summary>
    /// <param name="rootFolder">The run's folder; nobody writes to it meanwhile.</param>
    /// <param name="target">The snapshot in it that a run goes on from; null for the very beginning.</param>
    /// <returns>What was set aside; null if nothing was.</returns>
    /// <exception cref="IOException">The disk refused.</exception>
    public static SetAsideSnapshots? Rewind(string rootFolder, SnapshotName? target) => Rewind(rootFolder, target, DiskFileSystem.Instance);

    internal static SetAsideSnapshots? Rewind(string rootFolder, SnapshotName? target, ISnapshotFileSystem disk)
    {
        var root = Path.GetFullPath(rootFolder);
        Recover(root, disk);
        var newer = SnapshotStore.List(root).Where(name => target is not { } kept || name.CompareTo(kept) > 0).Reverse().ToList();
        if (newer is not [.., var newest])
        {
            if (target is { } last)
            {
                SnapshotStore.SetLatest(root, last, disk, last); // it may have been written and never committed
            }

            return null;
        }

        var aside = Path.Combine(root, SnapshotFiles.SetAside, Prefix + newest);
        disk.CreateDirectory(aside);
        disk.FlushDirectory(Path.GetDirectoryName(aside)!);
        disk.FlushDirectory(root);
        CopySeries(root, aside, disk);
        if (SnapshotStore.ReadLatest(root) is var latest && latest != target)
        {
            if (latest is { } abandoned)
            {
                SnapshotStore.ReplaceLatest(aside, abandoned, disk);
            }

            MoveFiles(root, aside, disk);
            Point(root, target, disk);
        }

        foreach (var name in newer)
        {
            disk.MoveDirectory(Path.Combine(root, name.ToString()), Path.Combine(aside, name.ToString()));
        }

        disk.FlushDirectory(aside);
        disk.FlushDirectory(root);
        return new SetAsideSnapshots(aside, newer);
    }

    /// <summary>Where a snapshot of a run's folder is by now, be it set aside; null if it is gone.</summary>
    public static string? Find(string rootFolder, SnapshotName name)
    {
        var there = Path.Combine(rootFolder, name.ToString());
        return Directory.Exists(there) ? there
            : Folders(rootFolder).Select(folder => Path.Combine(folder, name.ToString())).FirstOrDefault(Directory.Exists);
    }

    // One that was cut short before "latest" was replaced did not happen.
    private static void Recover(string root, ISnapshotFileSystem disk)
    {
        foreach (var aside in Folders(root))
        {
            if (SnapshotStore.ReadLatest(aside) is { } abandoned && SnapshotStore.ReadLatest(root) == abandoned
                && Directory.Exists(Path.Combine(root, abandoned.ToString())))
            {
                MoveFiles(aside, root, disk);
                disk.Delete(Path.Combine(aside, SnapshotFiles.Latest));
            }
        }
    }

    private static List<string> Folders(string root) => Path.Combine(root, SnapshotFiles.SetAside) is var all && Directory.Exists(all)
        ? [.. Directory.EnumerateDirectories(all, Prefix + "*")]
        : [];

    private static void MoveFiles(string from, string to, ISnapshotFileSystem disk)
    {
        foreach (var file in SnapshotFiles.OfTheNewest.Where(file => File.Exists(Path.Combine(from, file))))
        {
            disk.ReplaceFile(Path.Combine(from, file), Path.Combine(to, file));
        }

        disk.FlushDirectory(to);
        disk.FlushDirectory(from);
    }

    // What is kept here is cut when the run goes on.
    private static void CopySeries(string root, string aside, ISnapshotFileSystem disk)
    {
        var (series, copy) = (Path.Combine(root, SnapshotFiles.Series), Path.Combine(aside, SnapshotFiles.Series));
        if (File.Exists(series) && !File.Exists(copy))
        {
            disk.CopyFile(series, copy);
        }
    }

    private static void Point(string root, SnapshotName? target, ISnapshotFileSystem disk)
    {
        if (target is { } name)
        {
            SnapshotStore.ReplaceLatest(root, name, disk);
            return;
        }

        disk.Delete(Path.Combine(root, SnapshotFiles.Latest));
        disk.FlushDirectory(root);
    }
}

/// <summary>Snapshots that a run left behind when it went back.</summary>
/// <param name="Folder">Where they are now.</param>
/// <param name="Snapshots">Their names, oldest first.</param>
public sealed record SetAsideSnapshots(string Folder, IReadOnlyList<SnapshotName> Snapshots);
