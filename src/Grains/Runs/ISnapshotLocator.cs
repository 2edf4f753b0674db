namespace Lcnn.Distributed.Grains.Runs;

/// <summary>The coordinator's word on where a run's files are. Keyed by run id.</summary>
[Alias("lcnn.IRunFolders")]
internal interface ISnapshotLocator : IGrainWithStringKey
{
    /// <summary>The folder on record.</summary>
    /// <exception cref="Contracts.Runs.RunNotFoundException">No such run was started.</exception>
    [Alias("GetFolderAsync")]
    Task<SnapshotLocation> GetFolderAsync(CancellationToken cancellationToken);
}

/// <summary>Where a run's snapshots are.</summary>
/// <param name="Path">As the spec has it.</param>
/// <param name="Committed">Name of the newest committed snapshot in it: a folder without that one is another folder. Null before the first.</param>
[GenerateSerializer, Immutable, Alias("lcnn.RunFolder")]
internal sealed record SnapshotLocation([property: Id(0)] string Path, [property: Id(1)] string? Committed);
