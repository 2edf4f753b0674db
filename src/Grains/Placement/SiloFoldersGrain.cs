using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Model.Checkpoints;
using Orleans.Concurrency;

namespace Lcnn.Distributed.Grains.Placement;

/// <summary>Lets a coordinator look at folders as one silo sees them.</summary>
/// <remarks>Reentrant: it keeps nothing, and a mount that hangs under one run holds up no other.</remarks>
[Reentrant, SiloPlacement]
internal sealed class SiloFoldersGrain : Grain, ISiloFoldersGrain
{
    public Task<FolderProbe> LeaveProbeAsync(string folder, int generation, string? snapshot, CancellationToken cancellationToken) =>
        Task.Run(() => LeaveProbe(folder, generation, snapshot), cancellationToken);

    public Task<string?> ReadProbeAsync(string folder, string probe, CancellationToken cancellationToken) =>
        Task.Run(() => ReadProbe(folder, probe), cancellationToken);

    public Task RemoveProbeAsync(string folder, string probe, CancellationToken cancellationToken) =>
        Task.Run(() => SnapshotProbe.Delete(folder, probe), cancellationToken);

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

    private static string? ReadProbe(string folder, string probe)
    {
        try
        {
            SnapshotProbe.Check(folder, probe);
            return null;
        }
        catch (CheckpointException exception)
        {
            return exception.Message;
        }
    }
}
