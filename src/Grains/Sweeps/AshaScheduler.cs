using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>
/// Asynchronous successive halving (Li et al. 2018, arXiv 1810.05934, Algorithm 2). Rung k lies at minEpochs * reduction^k epochs, the last
/// one at the end of a trial. A trial waits at its rung; a free place goes to the best trial that is in the top 1/reduction of its rung
/// and was not promoted yet, from the highest rung down; only when there is none is a new trial begun.
/// </summary>
/// <remarks>A place in the ranking goes by the recorded value, then by the lower number. Trials that failed keep what they reported.</remarks>
public sealed class AshaScheduler : IScheduler
{
    private readonly SweepSpec _spec;
    private readonly int[] _rungs;

    /// <summary>The scheduler of a sweep.</summary>
    public AshaScheduler(SweepSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        _spec = spec;
        var rungs = new List<int>();
        for (long epochs = spec.Scheduler.MinEpochs; epochs < spec.TrialEpochs(); epochs *= spec.Scheduler.Reduction)
        {
            rungs.Add((int)epochs);
        }

        _rungs = [.. rungs, spec.TrialEpochs()];
    }

    /// <summary>Epochs of every rung, the last of them a trial's end.</summary>
    public IReadOnlyList<int> Rungs => _rungs;

    /// <inheritdoc/>
    public int TargetEpochs(int rung) => _rungs[Math.Min(rung, _rungs.Length - 1)];

    /// <inheritdoc/>
    public TrialDecision Decide(TrialEntry trial, IReadOnlyList<TrialEntry> trials)
    {
        ArgumentNullException.ThrowIfNull(trial);
        return trial.Rung < _rungs.Length - 1 && trial.Epochs >= _rungs[trial.Rung]
            ? new(TrialVerdict.Pause, $"rung {trial.Rung} of {_rungs.Length - 1} after {_rungs[trial.Rung]} epochs")
            : new(TrialVerdict.Continue);
    }

    /// <inheritdoc/>
    public TrialPromotion? NextPromotion(IReadOnlyList<TrialEntry> trials)
    {
        for (var rung = _rungs.Length - 2; rung >= 0; rung--)
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
