namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>What is in the folder of a run that somebody wants to start or go on with, as one machine sees it.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.RunFolderContent")]
public sealed record RunFolderContent
{
    /// <summary>Whether anything is in it; hidden files and <c>lost+found</c> do not count.</summary>
    [Id(0)] public bool HasEntries { get; init; }

    /// <summary>The snapshot to go on from; null when there is none.</summary>
    [Id(1)] public string? Snapshot { get; init; }

    /// <summary>Steps done in it.</summary>
    [Id(2)] public long Step { get; init; }

    /// <summary>What a run that goes on from it starts from; null when the snapshot does not tell.</summary>
    [Id(3)] public RunSpec? Spec { get; init; }

    /// <summary>The report of the run that ended with this snapshot; null when none did.</summary>
    [Id(4)] public RunCompleted? Report { get; init; }

    /// <summary>What did not stand in the way, such as a newer snapshot that is damaged.</summary>
    [Id(5)] public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Why no snapshot can be gone on from although there are some, or why the folder cannot be read; else null.</summary>
    [Id(6)] public string? Problem { get; init; }
}
