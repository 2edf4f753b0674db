using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>Counts and estimates for people.</summary>
internal static class SweepFigures
{
    private const int LeaderboardRows = 20;

    public static TrialCounts Count(SweepBoard board) => new()
    {
        Planned = board.Planned,
        Pending = board.Tally[TrialState.Pending],
        Running = board.Tally[TrialState.Running],
        Paused = board.Tally[TrialState.Paused],
        Completed = board.Tally[TrialState.Completed],
        Stopped = board.Tally[TrialState.Stopped],
        Failed = board.Tally[TrialState.Failed],
    };

    /// <summary>Where a sweep stands, as far as its board tells.</summary>
    public static SweepStatus Describe(SweepBoard board, TimeSpan active) => new()
    {
        SweepId = board.SweepId,
        Name = board.Spec.Name,
        Phase = board.Phase,
        Trials = Count(board),
        Goals = board.Spec.Goals,
        Best = board.Best?.ToResult(),
        Leaderboard = [.. board.Ranking.Top(LeaderboardRows).Select(number => board.Entries[number - 1].ToResult())],
        Elapsed = active,
        TimeLeft = EstimateTimeLeft(board, active),
        Epochs = board.TotalEpochs,
        OutputDirectory = board.Spec.OutputDirectory,
        StopReason = board.StopReason.Length > 0 ? board.StopReason : null,
    };

    /// <summary>By the pace so far: that of trials, or with rungs that of epochs; null while there is none.</summary>
    public static TimeSpan? EstimateTimeLeft(SweepBoard board, TimeSpan active)
    {
        var (done, planned) = board.Spec.Scheduler.Kind == "asha"
            ? (board.TotalEpochs, EpochsOfRungs(board))
            : (board.Tally.Finished, board.Planned);
        return board.Phase is SweepPhase.Completed or SweepPhase.Failed ? TimeSpan.Zero
            : done == 0 ? null
            : active / done * Math.Max(0, planned - done);
    }

    // If of every rung exactly the share goes on that should.
    private static long EpochsOfRungs(SweepBoard board)
    {
        var (trials, epochs, before) = ((long)board.Planned, 0L, 0);
        foreach (var rung in AshaRungs.Of(board.Spec))
        {
            epochs += trials * (rung - before);
            (trials, before) = (trials / board.Spec.Scheduler.Reduction, rung);
        }

        return epochs;
    }
}
