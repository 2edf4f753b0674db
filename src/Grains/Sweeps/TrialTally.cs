using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>Counts of a sweep's trials, kept as they change, so that a report costs the same however many there are.</summary>
internal sealed class TrialTally
{
    private readonly int[] _states = new int[Enum.GetValues<TrialState>().Length];
    private readonly SortedSet<int> _running = [];
    private readonly SortedSet<int> _pending = [];

    /// <summary>Trials.</summary>
    public int Count { get; private set; }

    /// <summary>Trials that the sampler chose.</summary>
    public int Draws { get; private set; }

    /// <summary>Epochs that all have made.</summary>
    public long Epochs { get; private set; }

    /// <summary>Trials of which nothing more comes.</summary>
    public int Finished => this[TrialState.Completed] + this[TrialState.Stopped] + this[TrialState.Failed];

    /// <summary>Numbers of those that run, in order.</summary>
    public IReadOnlyCollection<int> Running => _running;

    /// <summary>The first that waits for its turn; null when none does.</summary>
    public int? FirstPending => _pending.Count > 0 ? _pending.Min : null;

    /// <summary>Trials in a state.</summary>
    public int this[TrialState state] => _states[(int)state];

    /// <summary>Takes in a change.</summary>
    /// <param name="before">The trial as it was; null when it is new.</param>
    /// <param name="after">The trial as it is.</param>
    public void Note(TrialEntry? before, TrialEntry after)
    {
        if (before is null)
        {
            Count++;
            Draws += after.Draw > 0 ? 1 : 0;
        }
        else
        {
            Enter(before, -1);
        }

        Enter(after, 1);
        Keep(_running, after, TrialState.Running);
        Keep(_pending, after, TrialState.Pending);
    }

    private void Enter(TrialEntry trial, int sign)
    {
        _states[(int)trial.State] += sign;
        Epochs += sign * trial.Epochs;
    }

    private static void Keep(SortedSet<int> numbers, TrialEntry trial, TrialState state)
    {
        if (trial.State == state)
        {
            numbers.Add(trial.Number);
        }
        else
        {
            numbers.Remove(trial.Number);
        }
    }
}
