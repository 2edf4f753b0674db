namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>A run has no such snapshot, or a snapshot no such file.</summary>
[GenerateSerializer, Alias("lcnn.SnapshotNotFoundException")]
public sealed class SnapshotNotFoundException : Exception
{
    /// <summary>Names what was asked for.</summary>
    public SnapshotNotFoundException(string runId, string name)
        : base($"run {runId} has no snapshot '{name}' (any more): a run keeps its newest ones only; list them again") => (RunId, Name) = (runId, name);

    /// <summary>Id of the run that was asked.</summary>
    [Id(0)] public string RunId { get; }

    /// <summary>What was asked for: a snapshot, or a file in one.</summary>
    [Id(1)] public string Name { get; }
}

/// <summary>A snapshot is not what was once written: the message names the file, what was expected and what was found.</summary>
[GenerateSerializer, Alias("lcnn.SnapshotDamagedException")]
public sealed class SnapshotDamagedException(string message) : Exception(message);

/// <summary>No silo of the cluster sees the folder of a run; the message names it.</summary>
[GenerateSerializer, Alias("lcnn.RunFolderNotFoundException")]
public sealed class RunFolderNotFoundException(string message) : Exception(message);
