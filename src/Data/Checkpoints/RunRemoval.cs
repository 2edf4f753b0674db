using System.Text.Json;

namespace Lcnn.Distributed.Data.Checkpoints;

/// <summary>Takes a run out of its folder: what a run is known to have written, by exact names, and nothing else.</summary>
/// <remarks>
/// Links are removed, never followed. A snapshot in which somebody put files of his own is set aside, as snapshots are that were set aside
/// before. The newest goes last, and each is renamed before it is deleted: a removal that is cut short leaves no damaged snapshot.
/// </remarks>
public static class RunRemoval
{
    private static readonly string[] _files = [.. SnapshotFiles.OfTheNewest, SnapshotFiles.Series, SnapshotFiles.Latest];

    /// <summary>Removes the run; what is not there, or not a run's, changes nothing.</summary>
    public static void Remove(string rootFolder) => Remove(rootFolder, DiskFileSystem.Instance);

    internal static void Remove(string rootFolder, ISnapshotFileSystem disk)
    {
        var root = Path.GetFullPath(rootFolder);
        if (IsRun(root))
        {
            DeleteFiles(root, SnapshotFiles.OfTheNewest, disk);
            foreach (var name in SnapshotStore.List(root).Reverse())
            {
                Retire(root, name, disk);
            }

            DeleteFiles(root, [SnapshotFiles.Series, SnapshotFiles.Latest], disk);
            disk.FlushDirectory(root);
        }

        foreach (var leftover in Directory.EnumerateFileSystemEntries(root).Where(path => SnapshotFiles.IsTemporary(Path.GetFileName(path))).ToList())
        {
            disk.Delete(leftover);
        }
    }

    /// <summary>Files that a run in this folder would replace and that no run has written.</summary>
    public static IReadOnlyList<string> ForeignFiles(string rootFolder) =>
        Directory.Exists(rootFolder) && !IsRun(rootFolder) ? [.. _files.Where(name => Path.Exists(Path.Combine(rootFolder, name)))] : [];

    /// <summary>Whether removing the run would take away a snapshot, or the folder of snapshots, of this path.</summary>
    public static bool Takes(string rootFolder, string path)
    {
        var root = RealPath.Of(rootFolder);
        IEnumerable<string> ways = [RealPath.Of(path), RealPath.OfEntry(path)];
        var snapshots = Directory.Exists(path) ? SnapshotStore.List(path).Select(name => RealPath.Of(Path.Combine(path, name.ToString()))) : [];
        return ways.Concat(snapshots).Any(way => Path.GetRelativePath(root, way).Split(Path.DirectorySeparatorChar)[0] is var first
            && (first == "." || SnapshotName.TryParse(first, out _)));
    }

    private static bool IsRun(string root) =>
        SnapshotStore.List(root).Any(name => File.Exists(Path.Combine(root, name.ToString(), SnapshotFiles.State)))
        || SnapshotStore.ReadLatest(root) is not null || IsReport(Path.Combine(root, SnapshotFiles.Report));

    private static bool IsReport(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            using var report = JsonDocument.Parse(file);
            return report.RootElement.ValueKind == JsonValueKind.Object && report.RootElement.TryGetProperty("event", out var kind)
                && kind.ValueKind == JsonValueKind.String && kind.ValueEquals("completed");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or JsonException)
        {
            return false;
        }
    }

    private static void DeleteFiles(string root, IEnumerable<string> names, ISnapshotFileSystem disk)
    {
        foreach (var path in names.Select(name => Path.Combine(root, name)).Where(path => !Directory.Exists(path) || IsLink(path)))
        {
            disk.Delete(path);
        }
    }

    private static void Retire(string root, SnapshotName name, ISnapshotFileSystem disk)
    {
        var folder = Path.Combine(root, name.ToString());
        if (IsLink(folder))
        {
            disk.Delete(folder);
            return;
        }

        var isOwn = Directory.EnumerateFileSystemEntries(folder).All(path => SnapshotManifest.FileNames.Contains(Path.GetFileName(path)));
        var aside = Path.Combine(root, SnapshotFiles.SetAside);
        if (!isOwn)
        {
            disk.CreateDirectory(aside);
        }

        disk.MoveDirectory(folder, isOwn ? Path.Combine(root, SnapshotFiles.Temporary(name)) : Path.Combine(aside, name.ToString()));
    }

    private static bool IsLink(string path) => new FileInfo(path).LinkTarget is not null;
}
