using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Grains.Placement;
using Orleans.Concurrency;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>Lets clients at the <see cref="ServedSnapshots"/> of a run on the silo it is keyed by.</summary>
/// <remarks>Reentrant, because reads wait for the disk; the folder is all it remembers, and a run never changes it.</remarks>
[Reentrant, SiloPlacement, GrainType("runfolder")]
internal sealed class SnapshotFilesGrain : Grain, ISnapshotFilesGrain
{
    private string? _path;

    private string RunId => GrainKeys.RunOfSnapshotFiles(this.GetPrimaryKeyString());

    public async Task<IReadOnlyList<SnapshotInfo>?> ListAsync(CancellationToken cancellationToken)
    {
        var folder = await GetFolderAsync(cancellationToken);
        return SnapshotName.TryParse(folder.Committed, out var committed)
            ? await Task.Run(() => new ServedSnapshots(RunId, folder.Path).List(committed), cancellationToken)
            : null;
    }

    public async Task<byte[]> ReadAsync(string snapshot, string file, long offset, int count, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, ISnapshotFilesGrain.MaxBlockBytes);
        var path = _path ?? (await GetFolderAsync(cancellationToken)).Path;
        return await Task.Run(() => new ServedSnapshots(RunId, path).Read(snapshot, file, offset, count), cancellationToken);
    }

    private async Task<SnapshotLocation> GetFolderAsync(CancellationToken cancellationToken)
    {
        var folder = await GrainFactory.GetGrain<ISnapshotLocator>(RunId).GetFolderAsync(cancellationToken);
        _path = folder.Path;
        return folder;
    }
}
