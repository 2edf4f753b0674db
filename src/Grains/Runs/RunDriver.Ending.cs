using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Model.Checkpoints;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>Where a run begins again, and how it ends.</summary>
internal sealed partial class RunDriver
{
    // A spec may name a snapshot to go on from; it becomes the run's first committed one.
    private async Task FindResumedAsync()
    {
        if (Spec.ResumeFrom is null || Record.CommittedSnapshot is not null)
        {
            return;
        }

        var warnings = new List<string>();
        var folder = await Task.Run(() => RunSnapshots.FindResumable(Spec, warnings.Add), cancellationToken);
        warnings.ForEach(Warn);
        await authority.WriteAsync(record => record with { CommittedSnapshot = new SnapshotRecord { Path = folder } }, cancellationToken);
    }

    // The generation on record goes on if all its workers still know it.
    private async Task<RunGeneration?> AdoptAsync()
    {
        if (Record.Generation == 0)
        {
            return null;
        }

        var generation = new RunGeneration(Record.Generation, Record.Members, clock);
        var pulses = await workers.PingAsync(generation.Number, generation.Members, cancellationToken);
        if (pulses.All(pulse => pulse.HasBegun && pulse.Incarnation == generation.Members[pulse.Rank].Incarnation))
        {
            (_hasBegun, _isAnnounced, _steppingGeneration) = (true, true, generation.Number);
            Phase = Record.StopReason.Length > 0 ? RunPhase.Stopping : RunPhase.Training;
            Array.ForEach(pulses, generation.Take);
            return generation;
        }

        var missing = pulses.Where(pulse => pulse.Incarnation != generation.Members[pulse.Rank].Incarnation).Select(pulse => pulse.Rank).ToList();
        _reason = missing.Count == 0
            ? "the coordinator was lost while workers joined"
            : $"ranks {string.Join(", ", missing)} were lost together with the coordinator";
        await workers.LeaveAsync(generation, cancellationToken);
        return null;
    }

    // A damaged snapshot is named, and the one before it is used; without any the run begins again, to the same result.
    private async Task<string?> FindUsableAsync(RunGeneration generation)
    {
        foreach (var snapshot in new[] { Record.CommittedSnapshot, Record.PreviousSnapshot }.OfType<SnapshotRecord>())
        {
            try
            {
                await Task.Run(() => SnapshotReader.Read(snapshot.Path), cancellationToken);
                return snapshot.Path;
            }
            catch (CheckpointException exception) when (Record.Generation > 1)
            {
                if (await folder.IsUsableAsync(generation, snapshot.Path, cancellationToken))
                {
                    return snapshot.Path;
                }

                Warn($"a snapshot is not usable and the one before it is tried: {exception.Message}");
            }
        }

        return null;
    }

    private async Task EndAsync(RunEvent final)
    {
        final = final switch
        {
            RunFailed failed => failed with { Snapshot = Record.CommittedSnapshot?.Path },
            _ => final,
        };
        await authority.WriteAsync(record => record with { FinalEventJson = RunEventJson.Serialize(final) }, cancellationToken);
        await FinishAsync(final);
    }

    // May be repeated by another coordinator, if this one is lost in between.
    private async Task FinishAsync(RunEvent final)
    {
        if (final is RunCompleted completed)
        {
            await WriteReportAsync(completed with { RunId = runId, Time = clock.GetUtcNow() });
        }

        log.Append(final);
        await log.FlushAsync(cancellationToken);
        Phase = final switch { RunCompleted => RunPhase.Completed, RunFailed => RunPhase.Failed, _ => RunPhase.Cancelled };
        await authority.WriteAsync(record => record with { Ended = true, Phase = Phase }, cancellationToken);
    }

    private async Task WriteReportAsync(RunCompleted completed)
    {
        try
        {
            await Task.Run(() => RunReportFile.Write(completed), cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            Warn($"{RunReportFile.Name} could not be written to {completed.Spec.OutputDirectory}: {exception.Message}");
        }
    }

    private void Warn(string message) => log.Append(new RunWarning { Message = message });
}
