using System.Globalization;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>
/// The median stopping rule (Golovin et al. 2017): a trial is stopped when its best value so far is worse than the median of what the
/// completed trials that came as far had on average over the same epochs. After its own last epoch there is nothing left to stop.
/// </summary>
public sealed class MedianScheduler(SweepSpec spec) : IScheduler
{
    private readonly HashSet<int> _completed = [];
    private readonly Dictionary<int, List<double>> _averages = []; // by epoch, of the completed trials that came as far, sorted

    /// <inheritdoc/>
    public void Note(TrialEntry trial)
    {
        ArgumentNullException.ThrowIfNull(trial);
        if (trial.State != TrialState.Completed || trial.Reports.Count == 0 || !_completed.Add(trial.Number))
        {
            return;
        }

        var (sum, reports) = (0.0, 0);
        for (var epoch = trial.Reports[0].Epoch; epoch <= trial.Reports[^1].Epoch; epoch++)
        {
            for (; reports < trial.Reports.Count && trial.Reports[reports].Epoch <= epoch; reports++)
            {
                sum += Leaderboard.LossOf(spec.Goals[0], trial.Reports[reports].Metrics);
            }

            var averages = _averages.TryGetValue(epoch, out var known) ? known : _averages[epoch] = [];
            var average = sum / reports;
            var place = averages.BinarySearch(average);
            averages.Insert(place < 0 ? ~place : place, average);
        }
    }

    /// <inheritdoc/>
    public TrialDecision Decide(TrialEntry trial)
    {
        ArgumentNullException.ThrowIfNull(trial);
        var goal = spec.Goals[0];
        var epoch = trial.Reports.Count > 0 ? trial.Reports[^1].Epoch : 0;
        if (epoch < spec.Scheduler.MinEpochs || epoch >= spec.EpochsOf(trial.Parameters))
        {
            return new(TrialVerdict.Continue);
        }

        if (!_averages.TryGetValue(epoch, out var averages) || averages.Count < spec.Scheduler.StartupTrials)
        {
            return new(TrialVerdict.Continue);
        }

        var median = averages.Count % 2 == 1 ? averages[averages.Count / 2] : 0.5 * (averages[(averages.Count / 2) - 1] + averages[averages.Count / 2]);
        var best = trial.Reports.Min(report => Leaderboard.LossOf(goal, report.Metrics));
        return best > median
            ? new(TrialVerdict.Stop, string.Create(CultureInfo.InvariantCulture,
                $"{goal.Metric} {Said(goal, best):g4} after epoch {epoch} is worse than the median {Said(goal, median):g4} of {averages.Count} completed trials"))
            : new(TrialVerdict.Continue);
    }

    /// <inheritdoc/>
    public TrialPromotion? NextPromotion() => null;

    /// <inheritdoc/>
    public int TargetEpochs(int rung) => spec.TrialEpochs();

    private static double Said(GoalSpec goal, double loss) => goal.IsMaximized ? -loss : loss;
}
