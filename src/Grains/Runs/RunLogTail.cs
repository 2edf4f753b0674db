using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.EventLogs;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>What a stored log says of a run that a coordinator takes up again.</summary>
/// <param name="LastSequence">Number of the newest event; 0 when there is none.</param>
/// <param name="LastStep">Newest step logged; 0 when there is none.</param>
/// <param name="LastEpoch">Newest epoch logged; 0 when there is none.</param>
/// <param name="LastSnapshot">Newest snapshot logged as committed.</param>
/// <param name="LastGeneration">Generation of the newest start or change of membership; 0 when there is none, or none had to be looked for.</param>
/// <param name="Final">The final event, after which nothing is logged.</param>
internal sealed record RunLogTail(
    long LastSequence = 0, long LastStep = 0, int LastEpoch = 0, SnapshotCommitted? LastSnapshot = null, int LastGeneration = 0, RunEvent? Final = null)
{
    /// <summary>Whether the run has said its last.</summary>
    public bool IsComplete => Final is not null;

    /// <summary>Whether the run was announced; the event that says so may be trimmed when there are steps.</summary>
    public bool HasStarted => LastGeneration > 0 || LastStep > 0;

    // Whether older events add nothing that matters: a long log without a start in it, or of a run without epochs that is over, would be read to its beginning.
    private bool IsFull => LastStep > 0 && (IsComplete || (LastEpoch > 0 && LastSnapshot is not null));

    /// <summary>Reads from the newest event backwards until everything is found or the log ends.</summary>
    public static async Task<RunLogTail> ReadAsync(
        string runId, IEventLogStore<RunEvent> store, IReadOnlyList<RunEvent> newest, int pageSize, CancellationToken cancellationToken)
    {
        var tail = new RunLogTail();
        for (var page = newest; page.Count > 0 && !tail.IsFull;)
        {
            tail = page.Reverse().Aggregate(tail, static (known, older) => known.Before(older));
            page = await store.ReadBeforeAsync(runId, page[0].Sequence, pageSize, cancellationToken);
        }

        return tail;
    }

    private RunLogTail Before(RunEvent older)
    {
        var tail = LastSequence > 0 ? this : this with { LastSequence = older.Sequence, Final = older.IsFinal ? older : null };
        return older switch
        {
            StepCompleted step when LastStep == 0 => tail with { LastStep = step.Step },
            EpochCompleted epoch when LastEpoch == 0 => tail with { LastEpoch = epoch.Epoch },
            SnapshotCommitted snapshot when LastSnapshot is null => tail with { LastSnapshot = snapshot },
            GenerationChanged change when LastGeneration == 0 => tail with { LastGeneration = change.Generation },
            RunStarted started when LastGeneration == 0 => tail with { LastGeneration = started.Generation },
            _ => tail,
        };
    }
}
