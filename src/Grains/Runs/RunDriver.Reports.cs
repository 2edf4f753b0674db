using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Workers;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>What workers report of a generation; what comes after it was followed by another is refused, however long its write waited.</summary>
internal sealed partial class RunDriver
{
    /// <summary>Steps of the generation on record, in order; a replay's are not told again.</summary>
    public void Take(IReadOnlyList<StepCompleted> steps)
    {
        if (_steppingGeneration != Record.Generation && steps.Count > 0)
        {
            _steppingGeneration = Record.Generation;
            LogSteps(runId, Record.Generation, steps[0].Step);
        }

        _history.Take(steps);
        if (steps.Count > 0)
        {
            Generation?.NoteStep(steps[^1].Step);
        }
    }

    /// <summary>Stores an evaluated epoch; a replay's changes nothing.</summary>
    /// <exception cref="StaleGenerationException">The generation is over.</exception>
    public async Task TakeAsync(int generation, EpochCompleted epoch)
    {
        if (epoch.Epoch > NewestEpoch(Record))
        {
            var json = RunEventJson.Serialize(epoch);
            await authority.WriteAsync(record => epoch.Epoch > NewestEpoch(Current(record, generation))
                ? record with { EpochsJson = [.. record.EpochsJson, json] }
                : record, cancellationToken);
        }

        _history.Take(epoch);
    }

    /// <summary>Stores a snapshot as committed; a repeated one changes nothing. It is told once it is what the run's folder yields.</summary>
    /// <exception cref="StaleGenerationException">The generation is over.</exception>
    public async Task CommitAsync(int generation, SnapshotCommitted snapshot)
    {
        if (Record.CommittedSnapshot?.Path != snapshot.Path)
        {
            await authority.WriteAsync(record => Current(record, generation).CommittedSnapshot?.Path == snapshot.Path ? record : record with
            {
                PreviousSnapshot = record.CommittedSnapshot,
                CommittedSnapshot = new SnapshotRecord
                {
                    Path = snapshot.Path,
                    Step = snapshot.Step,
                    Generation = generation,
                    WeightsSha256 = snapshot.WeightsSha256,
                },
            }, cancellationToken);
        }
    }

    private RunRecord Current(RunRecord record, int generation) =>
        record.Generation == generation && !record.Ended ? record : throw new StaleGenerationException(runId, generation, record.Generation);

    private static int NewestEpoch(RunRecord record) =>
        record.EpochsJson is [.., var newest] ? ((EpochCompleted)RunEventJson.Deserialize(newest)).Epoch : 0;

    [LoggerMessage(Level = LogLevel.Information, Message = "Run {RunId}: generation {Generation} made its first step, {Step}")]
    private partial void LogSteps(string runId, int generation, long step);
}
