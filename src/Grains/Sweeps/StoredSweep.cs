using System.Text.Json;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>A sweep as its record tells it, whether or not anything runs it.</summary>
/// <param name="SweepId">Its id.</param>
/// <param name="Spec">What was started.</param>
/// <param name="Status">Where it stands; slots are not known.</param>
/// <param name="Trials">Every trial with its reports, by number.</param>
public sealed record StoredSweep(string SweepId, SweepSpec Spec, SweepStatus Status, IReadOnlyList<TrialEntry> Trials)
{
    /// <summary>Reads a record.</summary>
    /// <param name="sweepId">The sweep.</param>
    /// <param name="record">Its record.</param>
    /// <param name="journal">The journal of its trials.</param>
    /// <param name="isRunning">Whether a process has the sweep at this moment.</param>
    public static StoredSweep Of(string sweepId, SweepRecord record, IEnumerable<SweepChange> journal, bool isRunning)
    {
        ArgumentNullException.ThrowIfNull(record);
        ArgumentNullException.ThrowIfNull(journal);
        var trials = new SweepTrials(sweepId, record);
        foreach (var change in journal.TakeWhile(change => change.Sequence <= record.JournalEnd)) // a sweep that goes on meanwhile has written on
        {
            trials.Take(change);
        }

        var spec = JsonSerializer.Deserialize<SweepSpec>(record.SpecJson, RunEventJson.Options)!;
        var board = new SweepBoard(sweepId, spec, record, trials.Finish(), TimeProvider.System);
        var status = SweepFigures.Describe(board, record.Active);
        return new StoredSweep(
            sweepId, spec,
            isRunning || status.Phase is SweepPhase.Completed or SweepPhase.Failed ? status
                : status with { StopReason = "interrupted: no process runs it; go on with 'lcnn sweep start FILE --out FOLDER --resume'" },
            [.. board.Entries]);
    }
}
