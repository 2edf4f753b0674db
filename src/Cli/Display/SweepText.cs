using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Cli.Display;

/// <summary>Events of a sweep as lines of text.</summary>
internal static class SweepText
{
    /// <summary>A state or phase as it is named in JSON.</summary>
    public static string NameOf<T>(T state)
        where T : struct, Enum => state.ToString().ToLowerInvariant();

    public static string Started(SweepStarted started)
    {
        var spec = started.Spec;
        var named = spec.Name.Length > 0 ? $" '{spec.Name}'" : "";
        return $"{started.SweepId}{named}: {Format.Counted(started.Trials, "trial")} of {spec.Base.Architecture} on {spec.Base.Dataset},"
            + $" up to {spec.MaxConcurrent} at once, sampler {spec.Sampler.Kind}, scheduler {spec.Scheduler.Kind},"
            + $" {string.Join(", ", spec.Goals.Select(goal => $"{(goal.IsMaximized ? "maximize" : "minimize")} {goal.Metric}"))}";
    }

    /// <summary>The line of an event; null for one of a kind that has none.</summary>
    public static string? Line(SweepEvent sweepEvent, SweepProgress progress) => sweepEvent switch
    {
        SweepStarted started => Started(started),
        TrialStarted started => $"trial {started.Number} started{(started.Attempt > 1 ? $" again (attempt {started.Attempt})" : "")}: {started.Parameters}",
        TrialReported reported => $"trial {reported.Number}  epoch {reported.Epoch}  {Metrics(reported.Metrics, progress.Goals)}",
        TrialPaused { Rung: { } rung } paused => $"trial {paused.Number} waits at rung {rung} after {Format.Counted(paused.Epochs, "epoch")}",
        TrialPaused paused => $"trial {paused.Number} is paused after {Format.Counted(paused.Epochs, "epoch")}",
        TrialPromoted promoted => $"trial {promoted.Number} is promoted to rung {promoted.Rung}: {Format.Counted(promoted.TargetEpochs, "epoch")}",
        TrialResumed resumed => $"trial {resumed.Number} goes on from epoch {resumed.Epochs}",
        TrialStopped stopped => $"trial {stopped.Trial.Number} stopped after {Format.Counted(stopped.Trial.Epochs, "epoch")}: {stopped.Reason}{Done(progress)}",
        TrialCompleted completed => $"trial {completed.Trial.Number} completed  {Metrics(completed.Trial.Metrics, progress.Goals)}{Done(progress)}",
        TrialFailed failed => $"trial {failed.Trial.Number} failed{(failed.WillRetry ? " and is tried again" : "")}: {failed.Error}{(failed.WillRetry ? "" : Done(progress))}",
        BestChanged best => Best(best.Best, best.ParetoFront, progress.Goals),
        SweepPaused => "paused",
        SweepResumed => "going on",
        TrialsAdded added => $"{Format.Counted(added.Count, "trial")} added, {Format.Count(added.Trials)} planned now",
        _ => null,
    };

    public static string Best(TrialResult best, IReadOnlyList<int> front, IReadOnlyList<GoalSpec> goals) =>
        $"best so far: trial {best.Number}  {GoalValues(best.Metrics, goals)}  ({best.Parameters})"
        + (front.Count > 0 ? $"  Pareto front: {string.Join(", ", front)}" : "");

    /// <summary>What is worth knowing at the end, name and value.</summary>
    /// <param name="page">Where the sweep's page is; null where there is none.</param>
    public static IReadOnlyList<(string Name, string Value)> Summary(SweepCompleted completed, SweepProgress progress, string? page)
    {
        var states = completed.Trials.CountBy(trial => trial.State).OrderBy(state => state.Key).Select(state => $"{Format.Count(state.Value)} {NameOf(state.Key)}");
        List<(string Name, string Value)> summary =
        [
            ("trials", completed.Trials.Count == 0 ? "0" : string.Join(", ", states)),
            ("trained", $"{Format.Counted(completed.Epochs, "epoch")} in {Format.Duration(TimeSpan.FromSeconds(completed.Seconds))}"),
        ];
        if (completed.StopReason is { } reason)
        {
            summary.Add(("stopped", reason));
        }

        if (completed.Best is { } best)
        {
            summary.Add(("best trial", $"{best.Number}  {Metrics(best.Metrics, progress.Goals)}"));
            summary.Add(("parameters", best.Parameters.ToString()));
            summary.Add(("weightsSha256", best.WeightsSha256 ?? Format.None));
        }
        else
        {
            summary.Add(("best trial", "none has a result"));
        }

        if (completed.ParetoFront.Count > 0)
        {
            summary.Add(("Pareto front", string.Join(", ", completed.ParetoFront)));
        }

        summary.Add(("folder", completed.OutputDirectory));
        if (page is not null)
        {
            summary.Add((RunText.Charts, page));
        }

        return summary;
    }

    public static string Failed(SweepFailed failed) => $"error: {failed.Error}";

    /// <summary>The goals of a trial, such as "testAccuracy 0.97".</summary>
    public static string GoalValues(IReadOnlyDictionary<string, double> metrics, IReadOnlyList<GoalSpec> goals) =>
        string.Join("  ", goals.Select(goal => $"{goal.Metric} {Format.Number(metrics.GetValueOrDefault(goal.Metric, double.NaN))}"));

    // Goals first, the rest in the order in which metrics are always named.
    private static string Metrics(IReadOnlyDictionary<string, double> metrics, IReadOnlyList<GoalSpec> goals) =>
        string.Join("  ", goals.Select(goal => goal.Metric).Concat(SweepNames.Metrics).Distinct()
            .Where(name => metrics.TryGetValue(name, out var value) && double.IsFinite(value))
            .Select(name => $"{name} {Format.Number(metrics[name])}"));

    private static string Done(SweepProgress progress) => $"  [{progress.FinishedCount}/{progress.Planned}]";
}
