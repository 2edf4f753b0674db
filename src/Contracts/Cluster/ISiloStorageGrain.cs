using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Security;

namespace Lcnn.Distributed.Contracts.Cluster;

/// <summary>The folders that one silo sees; keyed by, and always placed on, that silo.</summary>
[Alias("lcnn.ISiloFoldersGrain")]
public interface ISiloStorageGrain : IGrainWithStringKey
{
    /// <summary>Leaves a probe in a run's folder, for the other silos to read.</summary>
    /// <param name="folder">The run's folder, as its spec names it.</param>
    /// <param name="generation">Membership number.</param>
    /// <param name="snapshot">A snapshot that the silo must see as well, or null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    [Alias("LeaveProbeAsync")]
    Task<FolderProbe> LeaveProbeAsync(string folder, int generation, string? snapshot, CancellationToken cancellationToken);

    /// <summary>Reads the probe that another silo left.</summary>
    /// <returns>What is wrong, or null.</returns>
    [Alias("ReadProbeAsync")]
    Task<string?> ReadProbeAsync(string folder, string probe, CancellationToken cancellationToken);

    /// <summary>Takes the probe away; nothing happens if there is none.</summary>
    [Alias("RemoveProbeAsync")]
    Task RemoveProbeAsync(string folder, string probe, CancellationToken cancellationToken);

    /// <summary>The newest snapshot in a run's folder, by the name of its own; null if there is none.</summary>
    [Alias("FindSnapshotAsync")]
    Task<string?> FindSnapshotAsync(string folder, CancellationToken cancellationToken);

    /// <summary>What is in the folder of a run, or in that of one of its snapshots.</summary>
    [Alias("ReadAsync"), RequiresRole(Role.Operate), ResponseTimeout("00:01:00")]
    Task<RunFolderContent> ReadAsync(string folder, CancellationToken cancellationToken);

    /// <summary>Reads a snapshot as a worker on the silo would.</summary>
    /// <returns>What is wrong, or null.</returns>
    [Alias("CheckSnapshotAsync")]
    Task<string?> CheckSnapshotAsync(string snapshot, CancellationToken cancellationToken);

    /// <summary>Takes a run's folder back to one of its snapshots: newer ones are set aside.</summary>
    /// <param name="folder">The run's folder, as its spec names it.</param>
    /// <param name="snapshot">Name of the snapshot in it; null for the very beginning.</param>
    /// <param name="cancellationToken">Gives up.</param>
    [Alias("RewindAsync")]
    Task<FolderRewind> RewindAsync(string folder, string? snapshot, CancellationToken cancellationToken);
}

/// <summary>What came of going back.</summary>
/// <param name="SetAside">Names of the snapshots that were set aside, oldest first.</param>
/// <param name="Folder">Where they are now; null if there were none.</param>
/// <param name="Problem">Why the folder could not be taken back, or null.</param>
[GenerateSerializer, Immutable, Alias("lcnn.FolderRewind")]
public sealed record FolderRewind(
    [property: Id(0)] IReadOnlyList<string> SetAside, [property: Id(1)] string? Folder = null, [property: Id(2)] string? Problem = null);

/// <summary>What came of leaving a probe.</summary>
/// <param name="Probe">What the others need to find it; null when it could not be left.</param>
/// <param name="Problem">Why it could not be left, or null.</param>
/// <param name="LacksSnapshot">Whether the silo does not see the snapshot that it must.</param>
[GenerateSerializer, Immutable, Alias("lcnn.FolderProbe")]
public sealed record FolderProbe([property: Id(0)] string? Probe, [property: Id(1)] string? Problem = null, [property: Id(2)] bool LacksSnapshot = false);
