using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>The <see cref="Leaderboard"/> of a sweep, kept as its trials change: the best trial, and the front of the completed ones.</summary>
/// <remarks>
/// The first trial of an order by the goals one after the other is on the first front of any order by fronts, and best there; so one sorted set serves both.
/// A completed trial changes no more, so that the front only takes in and loses trials.
/// </remarks>
internal sealed class TrialRanking(IReadOnlyList<GoalSpec> goals)
{
    private readonly SortedSet<TrialRank> _ranks = [];
    private readonly Dictionary<int, TrialRank> _byNumber = [];
    private readonly List<TrialRank> _front = [];

    /// <summary>Number of the best trial; null when none has reported anything.</summary>
    public int? Best => _ranks.Count > 0 ? _ranks.Min.Number : null;

    /// <summary>Loss of the best trial in the first goal.</summary>
    public double BestLoss => _ranks.Min.Losses[0];

    /// <summary>Grows with every change of the front.</summary>
    public int FrontVersion { get; private set; }

    /// <summary>Numbers of the completed trials that no other beats in every goal, in order; empty for one goal.</summary>
    public IReadOnlyList<int> Front => [.. _front.Select(rank => rank.Number).Order()];

    /// <summary>Takes in a trial as it is now.</summary>
    public void Note(TrialEntry trial)
    {
        if (_byNumber.Remove(trial.Number, out var earlier))
        {
            _ranks.Remove(earlier);
        }

        if (TrialRank.Of(goals, trial) is not { } rank)
        {
            return;
        }

        _byNumber[trial.Number] = rank;
        _ranks.Add(rank);
        if (goals.Count > 1 && rank.IsCompleted && !_front.Exists(other => other.Number == rank.Number || Leaderboard.Dominates(other.Losses, rank.Losses)))
        {
            _front.RemoveAll(other => Leaderboard.Dominates(rank.Losses, other.Losses));
            _front.Add(rank);
            FrontVersion++;
        }
    }

    /// <summary>Numbers of the best trials, best first.</summary>
    public IEnumerable<int> Top(int count) => goals.Count == 1
        ? _ranks.Take(count).Select(rank => rank.Number)
        : Groups().SelectMany(group => Leaderboard.OrderByFront(group, rank => rank.Losses)).Take(count).Select(rank => rank.Number);

    // Those that come one after the other and are equally far.
    private IEnumerable<IReadOnlyList<TrialRank>> Groups()
    {
        var group = new List<TrialRank>();
        foreach (var rank in _ranks)
        {
            if (group is [var first, ..] && (first.IsCompleted, first.Epochs) != (rank.IsCompleted, rank.Epochs))
            {
                yield return group;
                group = [];
            }

            group.Add(rank);
        }

        yield return group;
    }
}

/// <summary>A trial's place among others: completed ones first, then those with most epochs, then by the goals one after the other, then by number.</summary>
internal readonly record struct TrialRank(bool IsCompleted, int Epochs, double[] Losses, int Number) : IComparable<TrialRank>
{
    /// <summary>The place of a trial; null when it has none.</summary>
    public static TrialRank? Of(IReadOnlyList<GoalSpec> goals, TrialEntry trial)
    {
        if (!Leaderboard.IsRanked(trial))
        {
            return null;
        }

        var losses = new double[goals.Count];
        for (var goal = 0; goal < losses.Length; goal++)
        {
            losses[goal] = Leaderboard.LossOf(goals[goal], trial.Metrics);
        }

        var isCompleted = trial.State == TrialState.Completed;
        return new TrialRank(isCompleted, isCompleted ? 0 : trial.Epochs, losses, trial.Number);
    }

    public int CompareTo(TrialRank other)
    {
        var order = other.IsCompleted.CompareTo(IsCompleted);
        order = order != 0 ? order : other.Epochs.CompareTo(Epochs);
        order = order != 0 ? order : Leaderboard.CompareLosses(Losses, other.Losses);
        return order != 0 ? order : Number.CompareTo(other.Number);
    }
}
