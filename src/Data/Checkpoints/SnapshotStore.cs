using System.Security.Cryptography;
using System.Text;

namespace Lcnn.Distributed.Data.Checkpoints;

/// <summary>The snapshots of one run: which is newest, which may go.</summary>
public static class SnapshotStore
{
    private const int MaxLatestBytes = 256;

    /// <summary>Points the file <c>latest</c> at a snapshot; call it only after the coordinator has committed that one.</summary>
    /// <remarks>
    /// It never goes back in step or generation while the newer snapshot is there: the caller may have been asleep for long. What lies beside
    /// <c>latest</c> and is said of an earlier snapshot goes first, so that at no time two things in the folder contradict each other.
    /// </remarks>
    /// <param name="rootFolder">The run's folder.</param>
    /// <param name="name">The newest committed one.</param>
    /// <param name="previous">The one it goes on from, if known: that one is never newer.</param>
    public static void SetLatest(string rootFolder, SnapshotName name, SnapshotName? previous = null) =>
        SetLatest(rootFolder, name, DiskFileSystem.Instance, previous);

    internal static void SetLatest(string rootFolder, SnapshotName name, ISnapshotFileSystem disk, SnapshotName? previous = null)
    {
        var root = Path.GetFullPath(rootFolder);
        if (!Directory.Exists(Path.Combine(root, name.ToString())))
        {
            throw new ArgumentException($"{root} has no snapshot {name}; write it before pointing at it.", nameof(name));
        }

        if (ReadLatest(root) is { } present && (present == name || (present != previous && IsNewer(root, present, name))))
        {
            return;
        }

        try
        {
            ReplaceLatest(root, name, disk, () => Withdraw(root, disk));
        }
        catch (IOException) when (ReadLatest(root) != name)
        {
            // a full disk takes no new file; but without this one the newest whole snapshot counts, which is the right one
            Withdraw(root, disk);
            disk.Delete(Path.Combine(root, SnapshotFiles.Latest));
            throw;
        }
    }

    // Points to a snapshot whatever is newer; what is to happen before does so at the last moment.
    internal static void ReplaceLatest(string root, SnapshotName name, ISnapshotFileSystem disk, Action? before = null) => Replace(
        root, SnapshotFiles.Latest, SnapshotFiles.TemporaryLatestPrefix, file => file.Write(Encoding.ASCII.GetBytes($"{name}\n")), disk, before);

    /// <summary>Copies a snapshot's model into the run's folder, where people look for it; call it only after <see cref="SetLatest(string, SnapshotName, SnapshotName?)"/>.</summary>
    /// <remarks>Like that, it never goes back in step or generation; and it leaves no other model than that of the snapshot which is taken up next.</remarks>
    public static void PublishModel(string rootFolder, SnapshotName name) => PublishModel(rootFolder, name, DiskFileSystem.Instance);

    internal static void PublishModel(string rootFolder, SnapshotName name, ISnapshotFileSystem disk) =>
        Publish(rootFolder, name, SnapshotFiles.Model, disk, file =>
        {
            using var model = File.OpenRead(Path.Combine(rootFolder, name.ToString(), SnapshotFiles.Model));
            model.CopyTo(file);
        });

    /// <summary>Writes the moving average of a snapshot's model beside it, under the same rule as <see cref="PublishModel(string, SnapshotName)"/>.</summary>
    public static void PublishAverage(
        string rootFolder, SnapshotName name, IReadOnlyCollection<SafeTensor> tensors, IReadOnlyDictionary<string, string>? metadata) =>
        Publish(rootFolder, name, SnapshotFiles.ModelAverage, DiskFileSystem.Instance, file => SafeTensorsFile.Write(file, tensors, metadata));

    private static void Publish(string rootFolder, SnapshotName name, string fileName, ISnapshotFileSystem disk, Action<Stream> write)
    {
        var root = Path.GetFullPath(rootFolder);
        if (ReadLatest(root) is not { } present || !IsNewer(root, present, name))
        {
            Replace(root, fileName, SnapshotFiles.TemporaryModelPrefix, write, disk);
        }
    }

    /// <summary>The snapshots of a run's folder, newest first; none of them is opened.</summary>
    public static IReadOnlyList<SnapshotName> List(string rootFolder)
    {
        var names = new List<SnapshotName>();
        foreach (var folder in Directory.EnumerateDirectories(rootFolder))
        {
            if (SnapshotName.TryParse(Path.GetFileName(folder), out var name))
            {
                names.Add(name);
            }
        }

        names.Sort(static (left, right) => right.CompareTo(left));
        return names;
    }

    /// <summary>Whether a folder is that of one snapshot rather than of a run.</summary>
    public static bool IsSnapshot(string folder) =>
        SnapshotName.TryParse(Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)), out _) || File.Exists(Path.Combine(folder, SnapshotFiles.State));

    /// <summary>Reads a snapshot's folder, or of a run's folder the one <c>latest</c> names, else the newest that is whole.</summary>
    /// <remarks>Each damaged snapshot of a run goes to <paramref name="warn"/> by name; a damaged one that was asked for is an error.</remarks>
    /// <exception cref="CheckpointException">There is no whole snapshot.</exception>
    public static Snapshot FindNewest(string folder, Action<string> warn)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(warn);
        var root = Path.GetFullPath(Path.TrimEndingDirectorySeparator(folder));
        if (IsSnapshot(root))
        {
            return SnapshotReader.Read(root);
        }

        var damaged = 0;
        foreach (var name in Candidates(root, warn))
        {
            try
            {
                return SnapshotReader.Read(Path.Combine(root, name.ToString()));
            }
            catch (CheckpointException problem)
            {
                damaged++;
                warn($"Snapshot {name} is not usable and the one before it is tried: {problem.Message}");
            }
        }

        throw new CheckpointException(root, "no snapshot to go on from", "a whole folder step-N.gG.ID",
            damaged == 0 ? "none" : $"{damaged} damaged", "Give the folder of a run or of one snapshot, or start afresh.");
    }

    /// <summary>Deletes what the run no longer needs: older snapshots and what interrupted writers left behind.</summary>
    /// <remarks>
    /// The committed one, its predecessor and all that are newer are spared, the latter because their commit may be under way.
    /// For the same reason a temporary folder goes only when it is not newer than the committed snapshot.
    /// </remarks>
    /// <param name="rootFolder">The run's folder.</param>
    /// <param name="keep">How many are kept, at least 2.</param>
    /// <param name="committed">The newest committed one.</param>
    /// <param name="previous">The one committed before it, if known: one in between may have been written and never committed.</param>
    public static void Prune(string rootFolder, int keep, SnapshotName committed, SnapshotName? previous = null) =>
        Prune(rootFolder, keep, committed, DiskFileSystem.Instance, previous);

    internal static void Prune(string rootFolder, int keep, SnapshotName committed, ISnapshotFileSystem disk, SnapshotName? previous = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(keep);
        var root = Path.GetFullPath(rootFolder);
        var settled = List(root).Where(name => name.CompareTo(committed) <= 0).ToList();
        if (settled.Count == 0 || settled[0] != committed)
        {
            throw new ArgumentException($"{root} has no snapshot {committed}; prune with the one that was committed.", nameof(committed));
        }

        // renamed for good first: a deletion cut short leaves no damaged snapshot
        foreach (var name in settled.Skip(Math.Max(keep, 2)).Where(name => name != previous))
        {
            disk.MoveDirectory(Path.Combine(root, name.ToString()), Path.Combine(root, SnapshotFiles.Temporary(name)));
        }

        disk.FlushDirectory(root);
        DeleteLeftovers(root, committed, disk);
    }

    private static void DeleteLeftovers(string root, SnapshotName committed, ISnapshotFileSystem disk)
    {
        foreach (var leftover in Directory.EnumerateFileSystemEntries(root, SnapshotFiles.TemporaryPrefix + "*").ToList())
        {
            var name = Path.GetFileName(leftover);
            var isOld = SnapshotName.TryParse(name[SnapshotFiles.TemporaryPrefix.Length..], out var snapshot) && snapshot.CompareTo(committed) <= 0;
            var isFile = SnapshotFiles.IsTemporary(name) && (name.StartsWith(SnapshotFiles.TemporaryLatestPrefix, StringComparison.Ordinal)
                || name.StartsWith(SnapshotFiles.TemporaryModelPrefix, StringComparison.Ordinal));
            if (isOld || isFile || SnapshotProbe.IsLeftover(name, committed.Generation))
            {
                disk.Delete(leftover);
            }
        }
    }

    // Whether what "latest" names is newer, and there.
    private static bool IsNewer(string root, SnapshotName present, SnapshotName name) =>
        (present.Step, present.Generation).CompareTo((name.Step, name.Generation)) > 0 && Directory.Exists(Path.Combine(root, present.ToString()));

    // Model and report of an earlier snapshot.
    private static void Withdraw(string root, ISnapshotFileSystem disk)
    {
        var outdated = SnapshotFiles.OfTheNewest.Select(name => Path.Combine(root, name)).Where(File.Exists).ToList();
        outdated.ForEach(disk.Delete);
        if (outdated.Count > 0)
        {
            disk.FlushDirectory(root);
        }
    }

    private static void Replace(
        string root, string fileName, string temporaryPrefix, Action<Stream> write, ISnapshotFileSystem disk, Action? before = null)
    {
        var temporary = Path.Combine(root, temporaryPrefix + RandomNumberGenerator.GetHexString(8, lowercase: true));
        try
        {
            using (var file = disk.CreateFile(temporary))
            {
                write(file);
                disk.FlushFile(file);
            }

            before?.Invoke();
            disk.ReplaceFile(temporary, Path.Combine(root, fileName));
        }
        catch
        {
            SnapshotWriter.DeleteQuietly(temporary, disk);
            throw;
        }

        disk.FlushDirectory(root);
    }

    private static List<SnapshotName> Candidates(string root, Action<string> warn)
    {
        try
        {
            var names = List(root);
            if (ReadLatest(root, warn) is not { } latest)
            {
                return [.. names];
            }

            // what is newer than "latest" was never committed: it is the last resort, unless it is that file which is wrong
            return names.Contains(latest)
                ? [latest, .. names.Where(name => name.CompareTo(latest) < 0), .. names.Where(name => name.CompareTo(latest) > 0)]
                : [latest, .. names];
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(root, "the folder cannot be listed", "a run's folder", problem.Message,
                "Check the path and its permissions.", problem);
        }
    }

    /// <summary>What <c>latest</c> names, whether or not it is there; null if it names nothing.</summary>
    internal static SnapshotName? ReadLatest(string root) => ReadLatest(root, static _ => { });

    private static SnapshotName? ReadLatest(string root, Action<string> warn)
    {
        var path = Path.Combine(root, SnapshotFiles.Latest);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using var file = CheckpointFile.Open(path);
            var length = (int)Math.Min(file.Length, MaxLatestBytes);
            var text = Encoding.UTF8.GetString(CheckpointFile.Guard(path, () => new BoundedSource(file, path).Read(length, "its name")));
            if (SnapshotName.TryParse(text.Trim(), out var name))
            {
                return name;
            }

            warn($"{path} names no snapshot (got {CheckpointException.Quote(text)}); the newest whole one is taken.");
        }
        catch (CheckpointException problem)
        {
            warn($"{problem.Message} The newest whole snapshot is taken.");
        }

        return null;
    }
}
