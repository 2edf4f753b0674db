using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Cli.Export.Html;

/// <summary>Works out what the charts of a sweep show.</summary>
internal static class ReportContents
{
    private static readonly GoalSpec _accuracy = new("testAccuracy", IsMaximized: true);
    private static readonly GoalSpec _curvature = new("curvature", IsMaximized: false);

    public static ReportContent Of(SweepExport export)
    {
        IReadOnlyList<ReportAxis> axes = [.. export.ParameterNames().Select(name => ReportAxis.Create(name, export))];
        return new ReportContent(
            [.. export.Spec.Goals.Select(goal => Goal(goal, axes, export.Trials))],
            axes,
            [.. export.Trials.Select(trial => Trial(trial, axes, export.Spec.Goals))],
            [.. Pairs(export.Spec.Goals).Select(pair => Front(pair.X, pair.Y, export.Trials)).Where(front => front.Points.Count > 0)]);
    }

    private static ReportTrial Trial(TrialEntry trial, IReadOnlyList<ReportAxis> axes, IReadOnlyList<GoalSpec> goals) => new(
        trial.Number,
        SweepText.NameOf(trial.State),
        trial.Epochs,
        [.. axes.Select(axis => axis.PlaceOf(trial.Parameters[axis.Name]))],
        [.. goals.Select(goal => ValueOf(trial, goal.Metric))]);

    private static ReportGoal Goal(GoalSpec goal, IReadOnlyList<ReportAxis> axes, IReadOnlyList<TrialEntry> trials)
    {
        var comparable = ComparableValues.Of(goal.Metric, trials);
        var shares = axes.Select(axis => new ParameterShare(axis.Name, ParameterImportance.ShareOf(
            axis.Scale == "category", comparable.Values.Select(pair => (axis.PlaceOf(pair.Trial.Parameters[axis.Name]), pair.Value)))));
        return new ReportGoal(goal.Metric, goal.IsMaximized, BestSoFar(goal, trials), comparable.Basis,
            [.. shares.OrderByDescending(share => double.IsNaN(share.Share) ? -1 : share.Share)]);
    }

    // A trial that was ended early is not held against those that were not, unless there are no others.
    private static double[] BestSoFar(GoalSpec goal, IReadOnlyList<TrialEntry> trials)
    {
        var hasCompleted = trials.Any(trial => trial.State == TrialState.Completed && double.IsFinite(ValueOf(trial, goal.Metric)));
        var best = double.NaN;
        return
        [
            .. trials.Select(trial =>
            {
                var value = hasCompleted && trial.State != TrialState.Completed ? double.NaN : ValueOf(trial, goal.Metric);
                best = double.IsNaN(best) || (goal.IsMaximized ? value > best : value < best) ? value : best;
                return best;
            }),
        ];
    }

    private static IEnumerable<(GoalSpec X, GoalSpec Y)> Pairs(IReadOnlyList<GoalSpec> goals)
    {
        GoalSpec As(GoalSpec metric) => goals.FirstOrDefault(goal => goal.Metric == metric.Metric) ?? metric;
        yield return (As(_curvature), As(_accuracy));
        if (goals.Count > 1 && !goals.Take(2).Select(goal => goal.Metric).Order().SequenceEqual([_curvature.Metric, _accuracy.Metric]))
        {
            yield return (goals[1], goals[0]);
        }
    }

    private static ReportFront Front(GoalSpec x, GoalSpec y, IReadOnlyList<TrialEntry> trials)
    {
        var known = trials.Where(trial =>
            trial.State == TrialState.Completed && double.IsFinite(ValueOf(trial, x.Metric)) && double.IsFinite(ValueOf(trial, y.Metric))).ToArray();
        var front = Leaderboard.ParetoFront([x, y], known).ToHashSet();
        return new ReportFront(x.Metric, x.IsMaximized, y.Metric, y.IsMaximized,
            [.. known.Select(trial => new ReportFrontPoint(trial.Number, trial.Metrics[x.Metric], trial.Metrics[y.Metric], front.Contains(trial)))]);
    }

    private static double ValueOf(TrialEntry trial, string metric) =>
        trial.State != TrialState.Failed && trial.Metrics.TryGetValue(metric, out var value) && double.IsFinite(value) ? value : double.NaN;
}
