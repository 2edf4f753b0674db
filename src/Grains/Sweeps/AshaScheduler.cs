using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>
/// Asynchronous successive halving (Li et al. 2018, arXiv 1810.05934, Algorithm 2) over the <see cref="AshaRungs"/>; where the paper's
/// highest rung falls short of a trial's end, that end is one more. A trial waits at its rung; a free place goes to the best trial that is in the top 1/reduction of its rung
/// and was not promoted yet, from the highest rung down; only when there is none is a new trial begun.
/// </summary>
/// <remarks>A place in the ranking goes by the recorded value, then by the lower number. Trials that failed keep what they reported.</remarks>
public sealed class AshaScheduler : IScheduler
{
    private readonly SweepSpec _spec;
    private readonly IReadOnlyList<int> _rungs;

    /// <summary>The scheduler of a sweep.</summary>
    public AshaScheduler(SweepSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        (_spec, _rungs) = (spec, AshaRungs.Of(spec));
    }

    /// <inheritdoc/>
    public int TargetEpochs(int rung) => _rungs[Math.Min(rung, _rungs.Count - 1)];

    /// <inheritdoc/>
    public TrialDecision Decide(TrialEntry trial, IReadOnlyList<TrialEntry> trials) => new(TrialVerdict.Continue); // a run ends at its rung by itself

    /// <inheritdoc/>
    public TrialPromotion? NextPromotion(IReadOnlyList<TrialEntry> trials)
    {
        for (var rung = _rungs.Count - 2; rung >= 0; rung--)
        {
            var recorded = trials
                .Select(trial => (Trial: trial, Report: ReportAt(trial, _rungs[rung])))
                .Where(entry => entry.Report is not null)
                .OrderBy(entry => Leaderboard.LossOf(_spec.Goals[0], entry.Report!.Metrics))
                .ThenBy(entry => entry.Trial.Number)
                .Select(entry => entry.Trial)
                .ToArray();
            var next = recorded
                .Take(recorded.Length / _spec.Scheduler.Reduction)
                .FirstOrDefault(trial => trial.State == TrialState.Paused && trial.Rung == rung);
            if (next is not null)
            {
                return new TrialPromotion(next.Number, rung + 1, _rungs[rung + 1]);
            }
        }

        return null;
    }

    // Reports come one an epoch and in order, but a list that lacks one must not mislead.
    private static TrialReport? ReportAt(TrialEntry trial, int epoch) =>
        trial.Reports.Count >= epoch && trial.Reports[epoch - 1].Epoch == epoch
            ? trial.Reports[epoch - 1]
            : trial.Reports.FirstOrDefault(report => report.Epoch == epoch);
}
