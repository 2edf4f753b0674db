using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>Gives free places to trials: those that wait for one, then promotions, then new trials.</summary>
/// <remarks>Decides from the board alone, so that a sweep taken up by another silo goes on as it would have here.</remarks>
internal static class SweepPlanner
{
    /// <summary>Brings the board up to date.</summary>
    /// <param name="board">The board; changed.</param>
    /// <param name="active">Time the sweep was not paused.</param>
    /// <param name="now">The time.</param>
    public static void Plan(SweepBoard board, TimeSpan active, DateTimeOffset now)
    {
        StopWhatIsTooLong(board, active, now);
        switch (board.Phase)
        {
            case SweepPhase.Running:
                while (board.Tally.Running.Count < board.Spec.MaxConcurrent && TryBeginOne(board))
                {
                }

                break;
            case SweepPhase.Pausing when board.Tally.Running.Count == 0:
                board.Enter(SweepPhase.Paused, new SweepPaused());
                break;
        }

        if (board.Phase == SweepPhase.Running && board.Tally[TrialState.Paused] > 0 && IsSpent(board))
        {
            foreach (var trial in board.Trials.Where(trial => trial.Entry.State == TrialState.Paused).ToList())
            {
                board.StopTrial(trial, $"not promoted from rung {trial.Entry.Rung}");
            }
        }
    }

    /// <summary>Whether every trial is finished and none is to come.</summary>
    public static bool IsDone(SweepBoard board) =>
        board.Tally.Finished == board.Tally.Count
        && (board.Phase == SweepPhase.Stopping || (board.Phase == SweepPhase.Running && DrawsLeft(board) == 0));

    /// <summary>Time until a limit is reached; null when there is none.</summary>
    public static TimeSpan? NextDeadline(SweepBoard board, TimeSpan active, DateTimeOffset now)
    {
        if (board.Phase != SweepPhase.Running)
        {
            return null;
        }

        var deadlines = board.Spec.MaxTrialDuration is { } limit
            ? board.Running.Where(trial => trial.IsTraining && IsLimited(board, trial)).Select(trial => limit - trial.TrainedBy(now))
            : [];
        return deadlines.Append(board.Spec.MaxDuration is { } whole ? whole - active : TimeSpan.MaxValue).Min() is var next && next < TimeSpan.MaxValue
            ? next < TimeSpan.Zero ? TimeSpan.Zero : next
            : null;
    }

    private static void StopWhatIsTooLong(SweepBoard board, TimeSpan active, DateTimeOffset now)
    {
        if (board.Phase != SweepPhase.Running)
        {
            return;
        }

        if (board.Spec.MaxDuration is { } longest && active >= longest)
        {
            board.Stop($"the sweep's time of {longest} is spent");
        }
        else if (board.Spec.MaxEpochs is { } most && board.TotalEpochs >= most)
        {
            board.Stop($"the sweep's {most} epochs are spent", sparesTrained: true);
        }
        else if (board.Spec.MaxTrialDuration is { } limit)
        {
            foreach (var trial in board.Running.Where(trial => IsLimited(board, trial) && trial.TrainedBy(now) >= limit).ToList())
            {
                board.StopTrial(trial, $"trained for longer than {limit}");
            }
        }
    }

    // Whoever is trained to the end trains no longer.
    private static bool IsLimited(SweepBoard board, TrialRecord trial) => trial.StopReason is null && !board.IsTrained(trial);

    private static bool TryBeginOne(SweepBoard board)
    {
        if (board.Tally.FirstPending is { } waiting)
        {
            board.Begin(board.Trials[waiting - 1]);
            return true;
        }

        if (board.NextPromotion() is { } promotion)
        {
            board.Begin(board.Trials[promotion.Number - 1], promotion);
            return true;
        }

        var number = board.Trials.Count + 1;
        if (DrawsLeft(board) == 0 || !board.Sampler.IsReady(number, board.FinishedUpTo))
        {
            return false;
        }

        var draw = board.Tally.Draws + 1;
        board.Begin(board.AddTrial(draw, board.Sampler.Sample(number, draw, board.Entries)));
        return true;
    }

    // Nothing runs, waits or may come: what is paused at a rung stays there for good.
    private static bool IsSpent(SweepBoard board) =>
        DrawsLeft(board) == 0 && board.Tally.Finished + board.Tally[TrialState.Paused] == board.Tally.Count && board.NextPromotion() is null;

    private static int DrawsLeft(SweepBoard board) => Math.Max(0, board.PlannedDraws - board.Tally.Draws);
}
