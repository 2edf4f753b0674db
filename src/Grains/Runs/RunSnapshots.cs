using System.Globalization;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Model.Checkpoints;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>Finds the snapshot a run goes on from.</summary>
internal static class RunSnapshots
{
    /// <summary>The newest whole snapshot of a folder, checked to be of the same training.</summary>
    /// <returns>Path of the snapshot's folder.</returns>
    /// <exception cref="CheckpointException">There is none.</exception>
    /// <exception cref="WorkerInputException">It was made under a spec that leads to other weights.</exception>
    public static string FindResumable(RunSpec spec, Action<string> warn)
    {
        var snapshot = SnapshotStore.FindNewest(spec.ResumeFrom!, warn);
        if (SnapshotEntries.ReadSpec(snapshot.Run) is { } made && Differences(made, spec) is { Count: > 0 } differences)
        {
            throw new WorkerInputException(
                $"{snapshot.Folder} was made with other settings and cannot go on under these: {string.Join("; ", differences)}. " +
                "Give the same settings, or start afresh with --overwrite");
        }

        return spec.OutputDirectory.Length > 0 ? Locate(spec.OutputDirectory, snapshot.Folder) : snapshot.Folder;
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

    private static List<string> Differences(RunSpec made, RunSpec now)
    {
        var differences = new List<string>();
        Compare("dataset", made.Dataset, now.Dataset);
        Compare("arch", made.Architecture, now.Architecture);
        Compare("loss", made.Loss, now.Loss);
        Compare("batch-size", made.BatchSize, now.BatchSize);
        Compare("shards", made.LogicalShards, now.LogicalShards);
        Compare("seed", made.Seed, now.Seed);
        Compare("train-limit", made.TrainLimit, now.TrainLimit);
        Compare("spectral-grid", made.SpectralGrid, now.SpectralGrid);
        Compare("running-statistics", made.RunningStatistics, now.RunningStatistics);
        Compare("lr", made.LearningRate, now.LearningRate);
        Compare("momentum", made.Momentum, now.Momentum);
        Compare("weight-decay", made.WeightDecay, now.WeightDecay);
        Compare("schedule", made.Schedule, now.Schedule);
        Compare("beta-weight", made.BetaWeight, now.BetaWeight);
        Compare("gamma-weight", made.GammaWeight, now.GammaWeight);
        Compare("gradnorm-weight", made.GradientNormWeight, now.GradientNormWeight);
        Compare("augment", made.Augment?.ToString() ?? "not given", now.Augment?.ToString() ?? "not given");
        return differences;

        void Compare<T>(string option, T then, T value)
        {
            if (!EqualityComparer<T>.Default.Equals(then, value))
            {
                differences.Add(string.Create(CultureInfo.InvariantCulture, $"--{option} was {then}, now {value}"));
            }
        }
    }
}
