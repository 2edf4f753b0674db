using System.Globalization;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>
/// The median stopping rule (Golovin et al. 2017): a trial is stopped when its best value so far is worse than the median of what the
/// completed trials that came as far had on average over the same epochs. After its own last epoch there is nothing left to stop.
/// </summary>
public sealed class MedianScheduler(SweepSpec spec) : IScheduler
{
    /// <inheritdoc/>
    public TrialDecision Decide(TrialEntry trial, IReadOnlyList<TrialEntry> trials)
    {
        ArgumentNullException.ThrowIfNull(trial);
        var goal = spec.Goals[0];
        var epoch = trial.Reports.Count > 0 ? trial.Reports[^1].Epoch : 0;
        if (epoch < spec.Scheduler.MinEpochs || epoch >= spec.EpochsOf(trial.Parameters))
        {
            return new(TrialVerdict.Continue);
        }

        var averages = trials
            .Where(other => other.Number != trial.Number && other.State == TrialState.Completed && other.Reports.Any(report => report.Epoch >= epoch))
            .Select(other => other.Reports.Where(report => report.Epoch <= epoch).Average(report => Leaderboard.LossOf(goal, report.Metrics)))
            .Order()
            .ToArray();
        if (averages.Length < spec.Scheduler.StartupTrials)
        {
            return new(TrialVerdict.Continue);
        }

        var median = averages.Length % 2 == 1 ? averages[averages.Length / 2] : 0.5 * (averages[(averages.Length / 2) - 1] + averages[averages.Length / 2]);
        var best = trial.Reports.Min(report => Leaderboard.LossOf(goal, report.Metrics));
        return best > median
            ? new(TrialVerdict.Stop, string.Create(CultureInfo.InvariantCulture,
                $"{goal.Metric} {Said(goal, best):g4} after epoch {epoch} is worse than the median {Said(goal, median):g4} of {averages.Length} completed trials"))
            : new(TrialVerdict.Continue);
    }

    /// <inheritdoc/>
    public TrialPromotion? NextPromotion(IReadOnlyList<TrialEntry> trials) => null;

    /// <inheritdoc/>
    public int TargetEpochs(int rung) => spec.TrialEpochs();

    private static double Said(GoalSpec goal, double loss) => goal.IsMaximized ? -loss : loss;
}
