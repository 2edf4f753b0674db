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
    /// front and then by the goals one after the other.
    /// </summary>
    public static IReadOnlyList<TrialEntry> Rank(IReadOnlyList<GoalSpec> goals, IEnumerable<TrialEntry> trials) => [.. Ordered(goals, trials)];

    /// <summary>The best trial; null when none has reported anything.</summary>
    public static TrialEntry? Best(IReadOnlyList<GoalSpec> goals, IEnumerable<TrialEntry> trials) => Ordered(goals, trials).FirstOrDefault();

    /// <summary>The completed trials that no other completed one beats in every goal, by number.</summary>
    public static IReadOnlyList<TrialEntry> ParetoFront(IReadOnlyList<GoalSpec> goals, IEnumerable<TrialEntry> trials)
    {
        var completed = trials.Where(trial => trial.State == TrialState.Completed && IsRanked(trial)).Select(trial => new Scored(trial, LossesOf(goals, trial))).ToList();
        return Fronts(completed, static scored => scored.Losses) is [var best, ..] ? [.. best.Select(scored => scored.Trial).OrderBy(trial => trial.Number)] : [];
    }

    /// <summary>Whether a trial has a place at all.</summary>
    public static bool IsRanked(TrialEntry trial)
    {
        ArgumentNullException.ThrowIfNull(trial);
        return trial.State != TrialState.Failed && trial.Metrics.Count > 0;
    }

    /// <summary>Whether one trial beats another: by its losses in all goals it is nowhere worse and somewhere better.</summary>
    public static bool Dominates(IReadOnlyList<double> left, IReadOnlyList<double> right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        var isBetter = false;
        for (var goal = 0; goal < left.Count; goal++)
        {
            if (left[goal] > right[goal])
            {
                return false;
            }

            isBetter |= left[goal] < right[goal];
        }

        return isBetter;
    }

    /// <summary>Compares losses by the goals one after the other.</summary>
    public static int CompareLosses(IReadOnlyList<double> left, IReadOnlyList<double> right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        var order = 0;
        for (var goal = 0; order == 0 && goal < left.Count; goal++)
        {
            order = left[goal].CompareTo(right[goal]);
        }

        return order;
    }

    /// <summary>What is ordered by the goals one after the other, front by front.</summary>
    /// <param name="ordered">By <see cref="CompareLosses"/>.</param>
    /// <param name="lossesOf">The losses in all goals.</param>
    public static IEnumerable<T> OrderByFront<T>(IEnumerable<T> ordered, Func<T, IReadOnlyList<double>> lossesOf) => Fronts(ordered, lossesOf).SelectMany(front => front);

    // Zhang et al. 2015 (ENS-BS): in this order nothing is dominated by what follows, and who is dominated by a front is so by none behind it only if by all before it.
    private static List<List<T>> Fronts<T>(IEnumerable<T> items, Func<T, IReadOnlyList<double>> lossesOf)
    {
        var fronts = new List<List<T>>();
        foreach (var item in items.Order(Comparer<T>.Create((left, right) => CompareLosses(lossesOf(left), lossesOf(right)))))
        {
            var losses = lossesOf(item);
            var (low, high) = (0, fronts.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (fronts[middle].FindLastIndex(other => Dominates(lossesOf(other), losses)) >= 0)
                {
                    low = middle + 1;
                }
                else
                {
                    high = middle;
                }
            }

            if (low == fronts.Count)
            {
                fronts.Add([]);
            }

            fronts[low].Add(item);
        }

        return fronts;
    }

    private static IEnumerable<TrialEntry> Ordered(IReadOnlyList<GoalSpec> goals, IEnumerable<TrialEntry> trials) => trials.Where(IsRanked)
        .GroupBy(trial => (IsCompleted: trial.State == TrialState.Completed, Epochs: trial.State == TrialState.Completed ? 0 : trial.Epochs))
        .OrderByDescending(group => group.Key)
        .SelectMany(group => ByGoals(goals, group));

    private static IEnumerable<TrialEntry> ByGoals(IReadOnlyList<GoalSpec> goals, IEnumerable<TrialEntry> trials)
    {
        var ordered = trials.Select(trial => new Scored(trial, LossesOf(goals, trial)))
            .OrderBy(static scored => scored.Losses, Comparer<double[]>.Create(CompareLosses))
            .ThenBy(static scored => scored.Trial.Number);
        return (goals.Count == 1 ? ordered : OrderByFront(ordered, static scored => scored.Losses)).Select(static scored => scored.Trial);
    }

    private static double[] LossesOf(IReadOnlyList<GoalSpec> goals, TrialEntry trial) => [.. goals.Select(goal => LossOf(goal, trial.Metrics))];

    private readonly record struct Scored(TrialEntry Trial, double[] Losses);
}
