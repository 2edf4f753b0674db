namespace Lcnn.Distributed.Contracts.Sweeps;

/// <summary>Which trials are better. A metric that is missing or not a number is worse than any other; ties go to the lower number.</summary>
public static class Leaderboard
{
    /// <summary>How bad a trial is in a goal: less is better, infinite when nothing is known.</summary>
    public static double LossOf(GoalSpec goal, IReadOnlyDictionary<string, double> metrics)
    {
        ArgumentNullException.ThrowIfNull(goal);
        ArgumentNullException.ThrowIfNull(metrics);
        return metrics.TryGetValue(goal.Metric, out var value) && !double.IsNaN(value)
            ? goal.IsMaximized ? -value : value
            : double.PositiveInfinity;
    }

    /// <summary>
    /// The trials, best first: completed ones, then those with most epochs; among these by the goal, or with several goals by Pareto
    /// front and then by the first goal.
    /// </summary>
    public static IReadOnlyList<TrialEntry> Rank(IReadOnlyList<GoalSpec> goals, IEnumerable<TrialEntry> trials) =>
    [
        .. trials.Where(HasMetrics)
            .GroupBy(trial => (IsCompleted: trial.State == TrialState.Completed, Epochs: trial.State == TrialState.Completed ? 0 : trial.Epochs))
            .OrderByDescending(group => group.Key)
            .SelectMany(group => goals.Count == 1 ? ByGoal(goals[0], group) : ByFront(goals, group)),
    ];

    /// <summary>The best trial; null when none has reported anything.</summary>
    public static TrialEntry? Best(IReadOnlyList<GoalSpec> goals, IEnumerable<TrialEntry> trials) => Rank(goals, trials) is [var best, ..] ? best : null;

    /// <summary>The completed trials that no other completed one beats in every goal, by number.</summary>
    public static IReadOnlyList<TrialEntry> ParetoFront(IReadOnlyList<GoalSpec> goals, IEnumerable<TrialEntry> trials)
    {
        var completed = trials.Where(trial => trial.State == TrialState.Completed && HasMetrics(trial)).ToArray();
        return [.. FrontOf(goals, completed).OrderBy(trial => trial.Number)];
    }

    private static bool HasMetrics(TrialEntry trial) => trial.State != TrialState.Failed && trial.Metrics.Count > 0;

    private static IOrderedEnumerable<TrialEntry> ByGoal(GoalSpec goal, IEnumerable<TrialEntry> trials) =>
        trials.OrderBy(trial => LossOf(goal, trial.Metrics)).ThenBy(trial => trial.Number);

    private static IEnumerable<TrialEntry> ByFront(IReadOnlyList<GoalSpec> goals, IEnumerable<TrialEntry> trials)
    {
        var left = trials.ToList();
        while (left.Count > 0)
        {
            var front = FrontOf(goals, left);
            foreach (var trial in ByGoal(goals[0], front))
            {
                yield return trial;
            }

            left.RemoveAll(front.Contains);
        }
    }

    private static HashSet<TrialEntry> FrontOf(IReadOnlyList<GoalSpec> goals, IReadOnlyList<TrialEntry> trials)
    {
        var losses = trials.Select(trial => goals.Select(goal => LossOf(goal, trial.Metrics)).ToArray()).ToArray();
        return
        [
            .. Enumerable.Range(0, trials.Count)
                .Where(i => !losses.Any(other => Dominates(other, losses[i])))
                .Select(i => trials[i]),
        ];
    }

    // Nowhere worse and somewhere better.
    private static bool Dominates(double[] left, double[] right) =>
        left.Zip(right).All(pair => pair.First <= pair.Second) && left.Zip(right).Any(pair => pair.First < pair.Second);
}
