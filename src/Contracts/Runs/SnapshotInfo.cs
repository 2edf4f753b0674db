namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>One snapshot in the folder of a run.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.SnapshotInfo")]
public sealed record SnapshotInfo
{
    /// <summary>Name of its folder.</summary>
    [Id(0)] public string Name { get; init; } = "";
    /// <summary>Steps done in it.</summary>
    [Id(1)] public long Step { get; init; }
    /// <summary>Epoch of the last step, from 1.</summary>
    [Id(2)] public int Epoch { get; init; }
    /// <summary>Membership of the run that wrote it.</summary>
    [Id(3)] public int Generation { get; init; }
    /// <summary>SHA-256 over its weights.</summary>
    [Id(4)] public string WeightsSha256 { get; init; } = "";
    /// <summary>What it consists of; empty when it is damaged.</summary>
    [Id(5)] public IReadOnlyList<SnapshotFile> Files { get; init; } = [];
    /// <summary>What is wrong with it; null when nothing is known to be.</summary>
    [Id(6)] public string? Damage { get; init; }

    /// <summary>Bytes of all its files.</summary>
    public long TotalBytes => Files.Sum(file => file.Length);
}

/// <summary>One file of a snapshot.</summary>
/// <param name="Name">Its name in the snapshot's folder.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Sha256">SHA-256 of them, as recorded when it was written.</param>
[GenerateSerializer, Immutable, Alias("lcnn.SnapshotFile")]
public sealed record SnapshotFile([property: Id(0)] string Name, [property: Id(1)] long Length, [property: Id(2)] string Sha256);

/// <summary>The snapshots of a run, and who reads them out.</summary>
/// <param name="Reader">Key of the <see cref="ISnapshotFilesGrain"/> on a silo that sees the folder; empty when there is nothing to read.</param>
/// <param name="Snapshots">Newest first.</param>
[GenerateSerializer, Immutable, Alias("lcnn.SnapshotListing")]
public sealed record SnapshotListing([property: Id(0)] string Reader, [property: Id(1)] IReadOnlyList<SnapshotInfo> Snapshots);
