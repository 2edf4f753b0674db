using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>Counts and estimates for people.</summary>
internal static class SweepFigures
{
    public static TrialCounts Count(SweepBoard board)
    {
        var states = board.Entries.CountBy(trial => trial.State).ToDictionary();
        return new TrialCounts
        {
            Planned = board.Planned,
            Pending = states.GetValueOrDefault(TrialState.Pending),
            Running = states.GetValueOrDefault(TrialState.Running),
            Paused = states.GetValueOrDefault(TrialState.Paused),
            Completed = states.GetValueOrDefault(TrialState.Completed),
            Stopped = states.GetValueOrDefault(TrialState.Stopped),
            Failed = states.GetValueOrDefault(TrialState.Failed),
        };
    }

    /// <summary>By the pace of the trials so far; null while none is finished.</summary>
    public static TimeSpan? EstimateTimeLeft(SweepBoard board, TimeSpan active)
    {
        var done = board.Entries.Count(trial => trial.IsFinished || trial.State == TrialState.Paused);
        var left = Math.Max(0, board.Planned - done);
        return board.Phase == SweepPhase.Completed ? TimeSpan.Zero
            : done == 0 ? null
            : active / done * left;
    }
}
