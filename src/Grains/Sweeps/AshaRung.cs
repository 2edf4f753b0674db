using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>What was recorded at one rung of <see cref="AshaScheduler"/>, and which trials wait there.</summary>
/// <remarks>The best 1/reduction of what is recorded are kept apart from the rest, so that a promotion is found without sorting all again.</remarks>
/// <param name="epochs">Epochs of the rung.</param>
/// <param name="reduction">One in so many goes on.</param>
/// <param name="goal">What is compared.</param>
internal sealed class AshaRung(int epochs, int reduction, GoalSpec goal)
{
    private readonly Dictionary<int, (double Loss, int Number)> _recorded = [];
    private readonly SortedSet<(double Loss, int Number)> _best = [];
    private readonly SortedSet<(double Loss, int Number)> _rest = [];
    private readonly SortedSet<(double Loss, int Number)> _waiting = [];

    /// <summary>The trial that goes on next; null when none that waits is among the best.</summary>
    public int? NextPromoted => _waiting.Count > 0 && _best.Count > 0 && _waiting.Min.CompareTo(_best.Max) <= 0 ? _waiting.Min.Number : null;

    /// <summary>Takes in a trial as it is now.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="isWaiting">Whether it waits at this rung.</param>
    public void Note(TrialEntry trial, bool isWaiting)
    {
        if (!_recorded.TryGetValue(trial.Number, out var place))
        {
            if (ReportAt(trial) is not { } report)
            {
                return;
            }

            place = (Leaderboard.LossOf(goal, report.Metrics), trial.Number);
            _recorded.Add(trial.Number, place);
            Insert(place);
        }

        if (isWaiting)
        {
            _waiting.Add(place);
        }
        else
        {
            _waiting.Remove(place);
        }
    }

    private void Insert((double Loss, int Number) place)
    {
        (_best.Count > 0 && place.CompareTo(_best.Max) < 0 ? _best : _rest).Add(place);
        var share = (_best.Count + _rest.Count) / reduction;
        if (_best.Count > share)
        {
            Move(_best.Max, _best, _rest);
        }
        else if (_best.Count < share)
        {
            Move(_rest.Min, _rest, _best);
        }
    }

    private static void Move((double Loss, int Number) place, SortedSet<(double Loss, int Number)> from, SortedSet<(double Loss, int Number)> to)
    {
        from.Remove(place);
        to.Add(place);
    }

    // Reports come one an epoch and in order, but a list that lacks one must not mislead.
    private TrialReport? ReportAt(TrialEntry trial) =>
        trial.Reports.Count >= epochs && trial.Reports[epochs - 1].Epoch == epochs ? trial.Reports[epochs - 1]
            : trial.Epochs < epochs ? null
            : trial.Reports.FirstOrDefault(report => report.Epoch == epochs);
}
