using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.UnitTests.Grains;

/// <summary>The folders of one silo, as a test would have them.</summary>
internal sealed class FakeFolders : ISiloStorageGrain
{
    /// <summary>What is wrong with its view of the others' folder, or null.</summary>
    public string? Blindness { get; set; }

    /// <summary>Newest snapshot in the run's folder, or null.</summary>
    public string? Snapshot { get; set; }

    /// <summary>A snapshot that cannot be read, or null.</summary>
    public string? Damaged { get; set; }

    /// <summary>Why it cannot go back, or null.</summary>
    public string? RewindProblem { get; set; }

    /// <summary>What was asked, in order.</summary>
    public List<string> Asked { get; } = [];

    public Task<FolderProbe> LeaveProbeAsync(string folder, int generation, string? snapshot, CancellationToken cancellationToken) =>
        Answer("leave", new FolderProbe("probe"));

    public Task<string?> ReadProbeAsync(string folder, string probe, CancellationToken cancellationToken) => Answer("read", Blindness);

    public Task RemoveProbeAsync(string folder, string probe, CancellationToken cancellationToken) => Answer("remove", true);

    public Task<string?> FindSnapshotAsync(string folder, CancellationToken cancellationToken) => Answer("find", Snapshot);

    public Task<RunFolderContent> ReadAsync(string folder, CancellationToken cancellationToken) => Answer("content", new RunFolderContent { Snapshot = Snapshot });

    public Task<string?> CheckSnapshotAsync(string snapshot, CancellationToken cancellationToken) => Answer("check", snapshot == Damaged ? "a bit was flipped" : Blindness);

    private Task<T> Answer<T>(string asked, T answer)
    {
        Asked.Add(asked);
        return Task.FromResult(answer);
    }

    public Task<FolderRewind> RewindAsync(string folder, string? snapshot, CancellationToken cancellationToken) =>
        Answer($"rewind to {snapshot ?? "the beginning"}", new FolderRewind(["step-30.g1.00000000"], $"{folder}/set-aside", RewindProblem));
}
