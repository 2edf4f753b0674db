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
    private readonly IReadOnlyList<int> _epochs;
    private readonly AshaRung[] _rungs;

    /// <summary>The scheduler of a sweep.</summary>
    public AshaScheduler(SweepSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        _epochs = AshaRungs.Of(spec);
        _rungs = [.. _epochs.Take(_epochs.Count - 1).Select(epochs => new AshaRung(epochs, spec.Scheduler.Reduction, spec.Goals[0]))];
    }

    /// <inheritdoc/>
    public int TargetEpochs(int rung) => _epochs[Math.Min(rung, _epochs.Count - 1)];

    /// <inheritdoc/>
    public void Note(TrialEntry trial)
    {
        ArgumentNullException.ThrowIfNull(trial);
        for (var rung = 0; rung < _rungs.Length; rung++)
        {
            _rungs[rung].Note(trial, isWaiting: trial.State == TrialState.Paused && trial.Rung == rung);
        }
    }

    /// <inheritdoc/>
    public TrialDecision Decide(TrialEntry trial) => new(TrialVerdict.Continue); // a run ends at its rung by itself

    /// <inheritdoc/>
    public TrialPromotion? NextPromotion()
    {
        for (var rung = _rungs.Length - 1; rung >= 0; rung--)
        {
            if (_rungs[rung].NextPromoted is { } number)
            {
                return new TrialPromotion(number, rung + 1, _epochs[rung + 1]);
            }
        }

        return null;
    }
}
