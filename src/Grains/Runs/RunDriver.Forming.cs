using System.Security.Cryptography;
using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Grains.Telemetry;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>How a generation comes about: slots, the record, joined workers, and the word to begin.</summary>
internal sealed partial class RunDriver
{
    private const int StreamTokenBytes = 32;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10); // at one go

    private async Task<IReadOnlyList<DeviceSlot>?> AwaitSlotsAsync()
    {
        var asked = clock.GetTimestamp();
        while (Record.StopReason.Length == 0)
        {
            var (request, since) = (NextRequest(), clock.GetTimestamp());
            var patience = Record.Phase == RunPhase.Waiting ? _patience : options.WaitingNotice - clock.GetElapsedTime(asked);
            var awaiting = placement.AwaitAsync(request, patience < TimeSpan.Zero ? TimeSpan.Zero : patience, WaitsForSilos, cancellationToken);
            if (await Task.WhenAny(awaiting, _stopAsked.Task) != awaiting)
            {
                await placement.WithdrawAsync(runId, cancellationToken);
            }

            if (await awaiting is { } slots)
            {
                WaitsFor = null;
                Measures.CountGeneration(clock.GetElapsedTime(asked));
                return slots;
            }

            if (Record.Phase == RunPhase.Waiting)
            {
                WaitsFor = await placement.DescribeAsync(request, cancellationToken); // others come and go
            }
            else if (clock.GetElapsedTime(asked) >= options.WaitingNotice)
            {
                await TellWaitingAsync(request);
            }

            if (clock.GetElapsedTime(since) < options.WatchInterval) // an answer that came at once: the queue does not wait, or cannot be reached
            {
                await Task.WhenAny(Task.Delay(options.WatchInterval, clock, cancellationToken), _stopAsked.Task);
            }

            cancellationToken.ThrowIfCancellationRequested();
        }

        WaitsFor = null;
        await placement.WithdrawAsync(runId, cancellationToken);
        return null;
    }

    private GangRequest NextRequest()
    {
        _avoided.Forget(placement.HasLeft);
        return new GangRequest(
            runId, Record.Generation + 1, Record.Generation == 0 ? Spec.Workers : 1, Spec.Workers, Record.SubmittedAt, _avoided.All, Record.SweepId, RunNeeds.Of(Spec));
    }

    // Only who has just asked for more than there is learns it as an error; a cluster may shrink and grow again under all others.
    private bool WaitsForSilos => Record.Generation > 0 || Record.Phase == RunPhase.Waiting || Record.SweepId is not null;

    // Stored, so that another coordinator does not take the run for one that has just asked.
    private async Task TellWaitingAsync(GangRequest request)
    {
        WaitsFor = await placement.DescribeAsync(request, cancellationToken);
        log.Append(new RunWaiting { Reason = WaitsFor });
        await authority.WriteAsync(record => record.StopReason.Length > 0 ? record : record with { Phase = RunPhase.Waiting }, cancellationToken);
        Phase = Record.Phase;
    }

    private async Task<RunGeneration> RecordGenerationAsync(IReadOnlyList<DeviceSlot> slots)
    {
        Phase = Record.Generation == 0 ? RunPhase.Starting : RunPhase.Recovering;
        await authority.WriteAsync(record => record with
        {
            Generation = record.Generation + 1,
            Phase = Phase,
            Members = [.. slots.Select((slot, rank) => new MemberRecord
            {
                Rank = rank, Silo = slot.Silo, SlotIndex = slot.Index, Device = slot.Device, Incarnation = Guid.NewGuid(),
            })],
        }, cancellationToken);
        return RecordedGeneration();
    }

    // Where data, folder or fingerprint of a silo turn out to be others, only a run that has trained has something to lose.
    private RunGeneration RecordedGeneration() => new(Record.Generation, Record.Members, clock, canSpareSilos: Record.TotalSteps > 0);

    private async Task LaunchAsync(RunGeneration generation)
    {
        var finding = FindUsableAsync(generation);
        if (await Task.WhenAny(finding, generation.End) != finding)
        {
            return; // a disk that hangs holds up nobody
        }

        var resumeFrom = await finding;
        await folder.CheckAsync(generation, Spec.OutputDirectory, resumeFrom, Warn, cancellationToken);
        if (generation.End.IsCompleted)
        {
            return;
        }

        generation.NoteLoading(); // what came before is not held against workers that nobody asked yet
        var joined = await workers.JoinAsync(generation, Spec, resumeFrom, cancellationToken);
        if (joined is null || Record.StopReason.Length > 0)
        {
            generation.Interrupt();
            return;
        }

        if (!Spec.AllowMixed && RunFingerprints.FindOdd(joined, Record.Fingerprint) is var (rank, problem))
        {
            generation.Refuse(rank, problem);
            return;
        }

        var rewind = _isAnnounced || Spec.EvalOnly ? null : await folder.RewindAsync(generation, Spec.OutputDirectory, resumeFrom, cancellationToken);
        if (generation.End.IsCompleted)
        {
            return;
        }

        await AnnounceAsync(generation, joined);
        if (rewind is { Folder: { } aside })
        {
            log.Append(new SnapshotsSetAside { FromStep = joined[0].ResumedAtStep, Snapshots = rewind.SetAside, Folder = aside });
        }

        _hasBegun = true;
        generation.Begin();
        EndRecovery();
        // Never stored: a coordinator that comes after this one forms a generation of its own wherever not all have begun.
        var peers = new WorkerPeers(RandomNumberGenerator.GetBytes(StreamTokenBytes), [.. joined.Select(worker =>
            worker.Peer with { Worker = GrainKeys.Worker(runId, generation.Number, worker.Rank, generation.Members[worker.Rank].Silo) })]);
        LogBegins(runId, generation.Number, generation.Members.Count, joined[0].ResumedAtStep);
        await workers.BeginAsync(generation, peers, cancellationToken);
    }

    private async Task AnnounceAsync(RunGeneration generation, WorkerJoined[] joined)
    {
        var leader = joined[0];
        var ranks = joined.Select(worker => RunFingerprints.Describe(worker, joined.Length, Spec.LogicalShards)).ToArray();
        await authority.WriteAsync(record => record with
        {
            Phase = RunPhase.Training,
            TotalSteps = (long)leader.StepsPerEpoch * Spec.Epochs,
            Fingerprint = record.Fingerprint.Length > 0 ? record.Fingerprint : leader.Fingerprint,
        }, cancellationToken);
        Phase = Record.StopReason.Length > 0 ? RunPhase.Stopping : RunPhase.Training;
        if (!_isAnnounced)
        {
            _history.GoOnFrom(leader.ResumedAtStep);
            WarnOfSchedule(leader.ResumedAtStep, leader.StepsPerEpoch);
            log.Beginning = log.Append(new RunStarted
            {
                Spec = Spec,
                TotalSteps = Record.TotalSteps,
                StepsPerEpoch = leader.StepsPerEpoch,
                ResumedAtStep = leader.ResumedAtStep,
                TrainSamples = leader.TrainSamples,
                TestSamples = leader.TestSamples,
                ParameterCount = leader.ParameterCount,
                BatchNorm = Spec.LogicalShards == 1 || Spec.BatchNorm == "global" ? "batch" : "shard",
                Fingerprint = leader.Fingerprint,
                Generation = generation.Number,
                Ranks = ranks,
                ClassNames = leader.ClassNames,
            });
        }
        else
        {
            log.Append(new GenerationChanged
            {
                Generation = generation.Number,
                Reason = _reason,
                FromStep = leader.ResumedAtStep,
                ReplayedSteps = Math.Max(0, _history.Step - leader.ResumedAtStep),
                Ranks = ranks,
            });
        }

        _isAnnounced = true;
        await log.FlushAsync(cancellationToken);
        if (Record.StartedEventJson is null && log.Beginning is { } beginning)
        {
            await authority.WriteAsync(record => record with { StartedEventJson = RunEventJson.Serialize(beginning) }, cancellationToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Run {RunId}: generation {Generation} begins with {Workers} workers at step {Step}")]
    private partial void LogBegins(string runId, int generation, int workers, long step);
}
