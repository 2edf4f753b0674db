using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Data.Checkpoints;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>Finds the snapshot a run goes on from.</summary>
internal static class RunSnapshots
{
    /// <summary>The newest whole snapshot of a folder, checked to be of the same training.</summary>
    /// <param name="spec">What is to be trained.</param>
    /// <param name="warn">Told what does not stand in the way.</param>
    /// <returns>Path of the snapshot's folder, and the spec that it was made under, if that can be told.</returns>
    /// <exception cref="CheckpointException">There is none.</exception>
    /// <exception cref="WorkerInputException">It was made under a spec that leads to other weights.</exception>
    public static (string Folder, RunSpec? Made) FindResumable(RunSpec spec, Action<string> warn)
    {
        var snapshot = SnapshotStore.FindNewest(spec.ResumeFrom!, warn);
        var made = SnapshotEntries.ReadSpec(snapshot.Run);
        var differences = made is null || spec.EvalOnly ? [] : ResumedSpecs.Differences(made, spec);
        if (differences.Where(difference => difference.IsFixed).ToList() is [_, ..] objections)
        {
            throw new WorkerInputException(
                $"{snapshot.Folder} was made with other settings and cannot go on under these: " +
                $"{string.Join("; ", objections.Select(difference => difference.Objection))}. Give the same settings, or start afresh in another --out");
        }

        return (spec.OutputDirectory.Length > 0 ? Locate(spec.OutputDirectory, snapshot.Folder) : snapshot.Folder, made);
    }

    /// <summary>Whether a snapshot's folder lies in that of a run, by the names that <see cref="FindResumable"/> gives.</summary>
    public static bool IsIn(string folder, string snapshot) =>
        SnapshotName.TryParse(Path.GetFileName(snapshot), out _) && Path.GetDirectoryName(Path.GetFullPath(snapshot)) == Root(folder);

    // A run's own snapshot bears the name of its folder, by whatever links it was named.
    private static string Locate(string folder, string snapshot)
    {
        var root = RealPath.Of(folder);
        var own = new[] { RealPath.OfEntry(snapshot), RealPath.Of(snapshot) }.FirstOrDefault(path => Path.GetDirectoryName(path) == root);
        return own is null ? snapshot : Path.Combine(Root(folder), Path.GetFileName(own));
    }

    private static string Root(string folder) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
}
