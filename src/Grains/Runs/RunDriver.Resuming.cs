using System.Globalization;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Data.Checkpoints;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>What a run goes on from: another run's snapshot, workers that are still there, its own snapshots.</summary>
internal sealed partial class RunDriver
{
    // A spec may name a snapshot to go on from; it becomes the run's first committed one. Later it may have been forgotten as damaged.
    private async Task FindResumedAsync()
    {
        if (Spec.ResumeFrom is null || Record.CommittedSnapshot is not null || Record.Generation > 0)
        {
            return;
        }

        var warnings = new List<string>();
        (var folder, _resumedSpec) = await Task.Run(() => RunSnapshots.FindResumable(Spec, warnings.Add), cancellationToken);
        warnings.ForEach(Warn);
        await authority.WriteAsync(record => record with { CommittedSnapshot = new SnapshotRecord { Path = folder } }, cancellationToken);
    }

    // More or fewer epochs bend a schedule, which nobody sees in their number.
    private void WarnOfSchedule(long step, int stepsPerEpoch)
    {
        if (step == 0 || _resumedSpec is not { } made || (made.Schedule, made.LearningRate, made.WarmupEpochs) != (Spec.Schedule, Spec.LearningRate, Spec.WarmupEpochs))
        {
            return;
        }

        var (last, next) = (ScheduledRate.At(made, step - 1, stepsPerEpoch), ScheduledRate.At(Spec, step, stepsPerEpoch));
        if (next != ScheduledRate.At(made, step, stepsPerEpoch))
        {
            Warn(string.Create(CultureInfo.InvariantCulture,
                $"the {Spec.Schedule} schedule now takes {Spec.ScheduledEpochs()} epochs, it took {made.ScheduledEpochs()}: the learning rate was {last:g3} at the snapshot (step {step}) "
                + $"and goes on at {next:g3}. To keep the old schedule, and its last rate after its end, add --schedule-epochs {made.ScheduledEpochs()}; "
                + $"for one rate throughout, --schedule constant --lr {last:g3}"));
        }
    }

    // The generation on record goes on unless one of its workers is known to be gone or was never told to begin. One that does not answer
    // may be slow: it is watched over like any other that falls silent, and all the work of the generation does not hang on one answer.
    private async Task<RunGeneration?> AdoptAsync()
    {
        if (Record.Generation == 0)
        {
            return null;
        }

        var generation = RecordedGeneration();
        if (Record.ConcludedGeneration == generation.Number)
        {
            _reason = "the coordinator was lost between two generations";
            await workers.LeaveAsync(generation, cancellationToken); // some may not have been told
            return null;
        }

        var pulses = await workers.PingAsync(generation.Number, generation.Members, cancellationToken);
        var missing = generation.Members.Where(member => IsGone(member, pulses[member.Rank])).Select(member => member.Rank).ToList();
        if (missing.Count == 0 && pulses.All(static pulse => pulse is null or { HasBegun: true }))
        {
            (_hasBegun, _isAnnounced, _steppingGeneration) = (true, true, generation.Number);
            Phase = Record.StopReason.Length > 0 ? RunPhase.Stopping : RunPhase.Training;
            generation.Adopt(pulses);
            generation.NoteStep(Record.CommittedSnapshot is { } committed && committed.Generation == generation.Number ? committed.Step : 0);
            return generation;
        }

        _reason = missing.Count == 0
            ? "the coordinator was lost while workers joined"
            : $"ranks {string.Join(", ", missing)} were lost together with the coordinator";
        var isSiloLoss = missing.Count == 0 || missing.Exists(rank => pulses[rank] is null);
        await DismissAsync(generation, record => Recoveries.Count(record, _history.Step, isSiloLoss));
        await EndIfHopelessAsync();
        return null;
    }

    private bool IsGone(MemberRecord member, WorkerPulse? pulse) =>
        pulse is null ? placement.HasLeft(member.Silo) : pulse.Incarnation != member.Incarnation;

    /// <summary>The newest usable snapshot; without any the run begins again, to the same result. One that is damaged is named and forgotten.</summary>
    /// <exception cref="CheckpointException">It is the one that a first generation was to resume.</exception>
    internal async Task<string?> FindUsableAsync(RunGeneration generation)
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
                if (!exception.IsOutOfReach)
                {
                    await ForgetAsync(snapshot.Path);
                }
            }
        }

        return null;
    }

    // Else the next commit would keep a damaged snapshot as the one to fall back to.
    private Task ForgetAsync(string snapshot) => authority.WriteAsync(
        record => record.CommittedSnapshot?.Path == snapshot ? record with { CommittedSnapshot = record.PreviousSnapshot, PreviousSnapshot = null }
            : record.PreviousSnapshot?.Path == snapshot ? record with { PreviousSnapshot = null }
            : record,
        cancellationToken);
}
