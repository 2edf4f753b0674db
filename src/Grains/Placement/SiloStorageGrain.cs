using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Grains.Folders;
using Orleans.Concurrency;

namespace Lcnn.Distributed.Grains.Placement;

/// <summary>Lets a coordinator look at folders as one silo sees them.</summary>
/// <remarks>Reentrant: it keeps nothing, and a mount that hangs under one run holds up no other.</remarks>
[Reentrant, SiloPlacement, GrainType("silofolders")]
internal sealed class SiloStorageGrain(RunRoots roots) : Grain, ISiloStorageGrain
{
    public Task<FolderProbe> LeaveProbeAsync(string folder, int generation, string? snapshot, CancellationToken cancellationToken) =>
        roots.ProblemOf(folder) is { } outside
            ? Task.FromResult(new FolderProbe(null, outside))
            : Task.Run(() => LeaveProbe(folder, generation, snapshot), cancellationToken);

    public Task<string?> ReadProbeAsync(string folder, string probe, CancellationToken cancellationToken) =>
        Task.Run(() => ProblemOf(() => SnapshotProbe.Check(folder, probe)), cancellationToken);

    public Task RemoveProbeAsync(string folder, string probe, CancellationToken cancellationToken) =>
        Task.Run(() => SnapshotProbe.Delete(folder, probe), cancellationToken);

    public Task<string?> FindSnapshotAsync(string folder, CancellationToken cancellationToken) =>
        Task.Run(() => FindSnapshot(folder), cancellationToken);

    public Task<RunFolderContent> ReadAsync(string folder, CancellationToken cancellationToken) =>
        roots.ProblemOf(folder) is { } outside
            ? Task.FromResult(new RunFolderContent { HasEntries = true, Problem = outside })
            : Task.Run(() => RunFolderReader.Read(roots.Place(folder)), cancellationToken);

    public Task<string?> CheckSnapshotAsync(string snapshot, CancellationToken cancellationToken) =>
        Task.Run(() => ProblemOf(() => SnapshotReader.Read(snapshot)), cancellationToken);

    public Task<FolderRewind> RewindAsync(string folder, string? snapshot, CancellationToken cancellationToken) =>
        Task.Run(() => Rewind(folder, snapshot), cancellationToken);

    private static FolderRewind Rewind(string folder, string? snapshot)
    {
        try
        {
            var rewound = Directory.Exists(folder) ? SnapshotRewind.Rewind(folder, SnapshotName.TryParse(snapshot, out var name) ? name : null) : null;
            return rewound is null ? new FolderRewind([]) : new FolderRewind([.. rewound.Snapshots.Select(aside => aside.ToString())], rewound.Folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new FolderRewind([], Problem: $"{Path.GetFullPath(folder)}: {exception.Message}");
        }
    }

    private static FolderProbe LeaveProbe(string folder, int generation, string? snapshot)
    {
        if (snapshot is not null && !Directory.Exists(snapshot))
        {
            return new FolderProbe(null, $"{Path.GetFullPath(snapshot)}, the snapshot to go on from, is not there", LacksSnapshot: true);
        }

        try
        {
            return new FolderProbe(SnapshotProbe.Write(folder, generation));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new FolderProbe(null, $"{Path.GetFullPath(folder)} cannot be written: {exception.Message}");
        }
    }

    private static string? FindSnapshot(string folder)
    {
        try
        {
            return Directory.Exists(folder) && SnapshotStore.List(folder) is [var newest, ..] ? newest.ToString() : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null; // the probe will tell
        }
    }

    private static string? ProblemOf(Action read)
    {
        try
        {
            read();
            return null;
        }
        catch (CheckpointException exception)
        {
            return exception.Message;
        }
    }
}
