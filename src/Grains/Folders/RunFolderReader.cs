using System.Text.Json;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Checkpoints;

namespace Lcnn.Distributed.Grains.Folders;

/// <summary>Tells what is in the folder of a run that somebody wants to start or go on with.</summary>
public static class RunFolderReader
{
    private const string LostAndFound = "lost+found";

    /// <summary>The content of a run's folder, or of a snapshot's.</summary>
    public static RunFolderContent Read(string folder)
    {
        try
        {
            var path = Path.GetFullPath(folder);
            return !Path.Exists(path) ? new RunFolderContent()
                : File.Exists(path) ? new RunFolderContent { HasEntries = true, Problem = $"expected a folder, '{path}' is a file" }
                : SnapshotStore.IsSnapshot(path) || SnapshotStore.List(path).Count > 0 ? ReadSnapshot(path)
                : new RunFolderContent { HasEntries = HasEntries(path) };
        }
        catch (CheckpointException exception)
        {
            return new RunFolderContent { HasEntries = true, Problem = exception.Message };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new RunFolderContent { HasEntries = true, Problem = $"the folder '{folder}' cannot be read: {exception.Message}" };
        }
    }

    /// <summary>Whether anything is in a folder but what file systems and tools leave there unseen, and the history of a run that has left nothing else.</summary>
    public static bool HasEntries(string folder) => Directory.Exists(folder)
        && Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName).Any(name => name![0] != '.' && name != LostAndFound && name != SnapshotFiles.Series);

    // What is wrong with newer snapshots, the run that goes on says itself.
    private static RunFolderContent ReadSnapshot(string folder)
    {
        var snapshot = SnapshotStore.FindNewest(folder, static _ => { });
        var spec = SnapshotEntries.ReadSpec(snapshot.Run) is { } made ? ResumedSpecs.Inherit(made) : null;
        var warnings = new List<string>();
        if (spec is { DataDirectory: { } data } && !Directory.Exists(data))
        {
            warnings.Add($"the snapshot's data folder '{data}' is not there any more: the usual places are looked through; give --data-dir for another");
            spec = spec with { DataDirectory = null };
        }

        return new RunFolderContent
        {
            HasEntries = true,
            Snapshot = snapshot.Folder,
            Step = snapshot.Step,
            Spec = spec,
            Report = ReadReport(folder) is { } report && report.WeightsSha256 == snapshot.WeightsSha256 ? report : null,
            Warnings = warnings,
        };
    }

    internal static RunCompleted? ReadReport(string folder)
    {
        try
        {
            return RunEventJson.Deserialize(File.ReadAllText(Path.Combine(folder, SnapshotFiles.Report))) as RunCompleted;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or NotSupportedException)
        {
            return null;
        }
    }
}
