using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Cli.Export.Html;

/// <summary>Values of a goal that may be compared, because every trial has trained as long.</summary>
/// <param name="Basis">Which values, in words.</param>
/// <param name="Values">The value of each trial that has one.</param>
internal sealed record ComparableValues(string Basis, IReadOnlyList<(TrialEntry Trial, double Value)> Values)
{
    /// <summary>The completed trials' values; where a scheduler ended most trials early, those of the last epoch that half of them made.</summary>
    public static ComparableValues Of(string metric, IReadOnlyList<TrialEntry> trials)
    {
        var completed = trials.Where(trial => trial.State == TrialState.Completed && IsKnown(metric, trial.Metrics))
            .Select(trial => (trial, trial.Metrics[metric])).ToArray();
        var reached = trials.Where(trial => trial.State != TrialState.Failed)
            .Select(trial => trial.Reports.LastOrDefault(report => IsKnown(metric, report.Metrics))?.Epoch ?? 0)
            .Where(epoch => epoch > 0).OrderDescending().ToArray();
        if (2 * completed.Length >= reached.Length)
        {
            return new ComparableValues(Format.Counted(completed.Length, "completed trial"), completed);
        }

        var epoch = reached[(reached.Length - 1) / 2];
        var reported = trials.Where(trial => trial.State != TrialState.Failed)
            .Select(trial => (Trial: trial, Report: trial.Reports.FirstOrDefault(report => report.Epoch == epoch && IsKnown(metric, report.Metrics))))
            .Where(pair => pair.Report is not null)
            .Select(pair => (pair.Trial, pair.Report!.Metrics[metric])).ToArray();
        return new ComparableValues($"epoch {epoch} of {Format.Counted(reported.Length, "trial")}, as most were ended early", reported);
    }

    private static bool IsKnown(string metric, IReadOnlyDictionary<string, double> metrics) =>
        metrics.TryGetValue(metric, out var value) && double.IsFinite(value);
}
