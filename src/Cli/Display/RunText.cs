using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Display;

/// <summary>Events as lines of text.</summary>
internal static class RunText
{
    public static string Started(RunStarted started)
    {
        var spec = started.Spec;
        var resumed = started.ResumedAtStep > 0 ? $", going on from step {started.ResumedAtStep}" : "";
        return $"{started.RunId}: {spec.Architecture} ({Format.Count(started.ParameterCount)} parameters) on {spec.Dataset}"
            + $" ({Format.Count(started.TrainSamples)} training, {Format.Count(started.TestSamples)} test samples), loss {spec.Loss},"
            + $" {Format.Counted(spec.Epochs, "epoch")} of {Format.Counted(started.StepsPerEpoch, "step")}, batches of {spec.BatchSize},"
            + $" {Format.Counted(spec.Workers, "worker")}, {Format.Counted(spec.LogicalShards, "shard")}"
            + $" (batch norm over the {started.BatchNorm}), seed {spec.Seed}{resumed}";
    }

    public static string Step(StepCompleted step, RunProgress progress) =>
        $"step {Format.Of(step.Step, progress.TotalSteps)}  loss {Format.Number(step.Loss)} ({Format.Terms(step.LossTerms)})"
        + $"  train {Format.Percent(step.TrainAccuracy)}  lr {Format.Number(step.LearningRate)}  {Format.Rate(step.SamplesPerSecond)}"
        + $"  left {Format.Duration(progress.TimeLeft)}";

    public static string Epoch(EpochCompleted epoch, RunProgress progress)
    {
        var ranges = (epoch.Beta is null ? "" : $"  beta {Format.Range(epoch.Beta)}") + (epoch.Gamma is null ? "" : $"  gamma {Format.Range(epoch.Gamma)}")
            + (epoch.CurvatureBound is { } bound ? $"  bound ~{Format.Number(bound)}" : "");
        var average = epoch.EmaTestAccuracy is { } accuracy ? $" (average {Format.Percent(accuracy)})" : "";
        return $"epoch {Format.Of(epoch.Epoch, progress.Started?.Spec.Epochs)}  loss {Format.Number(epoch.TrainLoss)} ({Format.Terms(epoch.LossTerms)})"
            + $"  train {Format.Percent(epoch.TrainAccuracy)}  test {Format.Percent(epoch.TestAccuracy)}{average}  {Format.Rate(epoch.SamplesPerSecond)}{ranges}"
            + $"  left {Format.Duration(progress.TimeLeft)}";
    }

    public static string Snapshot(SnapshotCommitted snapshot) => $"snapshot of step {snapshot.Step}: {snapshot.Path}";

    public static string Evaluation(EvaluationProgressed evaluation) => $"evaluated {evaluation.Samples}/{evaluation.TotalSamples} test samples";

    public static string Curvature(CurvatureProgressed curvature) => $"curvature of {curvature.Samples}/{curvature.TotalSamples} test samples";

    public static string Robustness(RobustnessProgressed robustness, RunProgress progress) =>
        $"robustness of {robustness.Samples}/{robustness.TotalSamples} test samples  left {Format.Duration(progress.RobustnessTimeLeft)}";

    public static string Loading(DataSetDownloading loading) => loading.Images > 0
        ? $"decoded {Format.Counted(loading.Images, "image")} of {loading.File}"
        : $"downloading {loading.File}: {Format.Of(loading.Bytes, loading.TotalBytes)} bytes";

    public static string Waiting(RunWaiting waiting) => $"waiting for slots: {waiting.Reason}";

    public static string Generation(GenerationChanged changed)
    {
        var silos = changed.Ranks.Select(rank => rank.Silo).Distinct().Count(silo => silo.Length > 0);
        return $"generation {changed.Generation}: {changed.Reason}; goes on from step {changed.FromStep} with {Format.Counted(changed.Ranks.Count, "worker")}"
            + (silos > 1 ? $" on {Format.Counted(silos, "silo")}" : "")
            + (changed.ReplayedSteps > 0 ? $", {Format.Counted(changed.ReplayedSteps, "step")} again" : "");
    }

    public static string SetAside(SnapshotsSetAside aside) =>
        $"gone back to step {aside.FromStep}: {Format.Counted(aside.Snapshots.Count, "newer snapshot")}, up to {aside.Snapshots[^1]}, kept in {aside.Folder}";

    /// <summary>What the page of a run is called in its summary.</summary>
    public const string Charts = "charts";

    public static string Cancelled(RunCancelled cancelled) =>
        $"stopped ({cancelled.Reason}) after {Format.Counted(cancelled.Step, "step")}; "
        + (cancelled.Snapshot is { } snapshot ? $"go on with --resume {snapshot}" : "no snapshot, because no step was done");

    public static string Failed(RunFailed failed) =>
        $"error: {failed.Error}" + (failed.Snapshot is { } snapshot ? $"{Environment.NewLine}The newest snapshot is {snapshot}" : "");

    /// <summary>What is worth knowing at the end, name and value.</summary>
    public static IReadOnlyList<(string Name, string Value)> Summary(RunCompleted completed)
    {
        var curvature = completed.CurvatureSamples > 0 ? $" (mean over {Format.Counted(completed.CurvatureSamples, "test sample")})" : " (not measured)";
        return
        [
            ("test accuracy", $"{Format.Percent(completed.TestAccuracy)} (loss {Format.Number(completed.TestLoss)})"),
            .. completed is { EmaTestAccuracy: { } accuracy, EmaTestLoss: { } loss }
                ? new[] { ("average test", $"{Format.Percent(accuracy)} (loss {Format.Number(loss)})") } : [],
            ("curvature", Format.Number(completed.Curvature) + curvature),
            ("hessian norm", Format.Number(completed.HessianNorm)),
            ("gradient norm", Format.Number(completed.GradNorm)),
            .. RobustnessTables.Pairs(completed.Robustness?.Certificate),
            ("throughput", $"{Format.Rate(completed.SamplesPerSecond)}, {Format.Counted(completed.Workers, "worker")}"),
            ("trained", $"{Format.Counted(completed.Epochs, "epoch")}, {Format.Counted(completed.Steps, "step")}"),
            ("weightsSha256", completed.WeightsSha256),
            ("model", completed.ModelPath),
            .. completed.EmaModelPath is { } average ? new[] { ("average", average) } : [],
            ("report", Path.Combine(completed.Spec.OutputDirectory, "report.json")),
        ];
    }
}
