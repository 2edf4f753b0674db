using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Workers;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>How a generation comes about: slots, the record, joined workers, and the word to begin.</summary>
internal sealed partial class RunDriver
{
    private async Task<IReadOnlyList<DeviceSlot>?> AwaitSlotsAsync()
    {
        var isFirst = Record.Generation == 0;
        var request = new GangRequest(
            runId, Record.Generation + 1, isFirst ? Spec.Workers : 1, Spec.Workers, Record.SubmittedAt, _avoid is null ? [] : [_avoid]);
        var (asked, hasTold) = (clock.GetTimestamp(), false);
        while (Record.StopReason.Length == 0)
        {
            if (await placement.RequestAsync(request, cancellationToken) is { } slots)
            {
                return slots;
            }

            if (!hasTold && clock.GetElapsedTime(asked) >= options.WaitingNotice)
            {
                hasTold = true;
                Phase = RunPhase.Waiting;
                log.Append(new RunWaiting { Reason = await placement.DescribeAsync(request, cancellationToken) });
            }

            await Task.WhenAny(Task.Delay(options.WatchInterval, clock, cancellationToken), _stopAsked.Task);
            cancellationToken.ThrowIfCancellationRequested();
        }

        await placement.WithdrawAsync(runId, cancellationToken);
        return null;
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
        return new RunGeneration(Record.Generation, Record.Members, clock);
    }

    private async Task LaunchAsync(RunGeneration generation)
    {
        var resumeFrom = await FindUsableAsync(generation);
        await folder.CheckAsync(generation, Spec.OutputDirectory, resumeFrom, Warn, cancellationToken);
        if (generation.End.IsCompleted)
        {
            return;
        }

        var joined = await workers.JoinAsync(generation, Spec, resumeFrom, cancellationToken);
        if (joined is null || Record.StopReason.Length > 0)
        {
            generation.Interrupt();
            return;
        }

        try
        {
            RunFingerprints.Check(joined, Spec.AllowMixed);
        }
        catch (WorkerInputException exception)
        {
            generation.Fail(new WorkerFailed(0, exception.Message, FailureKind.BadInput));
            return;
        }

        await AnnounceAsync(generation, joined);
        _hasBegun = true;
        var peers = new WorkerPeers(Record.Token, [.. joined.Select((worker, rank) =>
            worker.Peer with { Worker = GrainKeys.Worker(runId, generation.Number, rank, generation.Members[rank].Silo) })]);
        LogBegins(runId, generation.Number, generation.Members.Count, joined[0].ResumedAtStep);
        await workers.BeginAsync(generation, peers, cancellationToken);
    }

    private async Task AnnounceAsync(RunGeneration generation, WorkerJoined[] joined)
    {
        var leader = joined[0];
        var ranks = joined.Select(worker => RunFingerprints.Describe(worker, joined.Length, Spec.LogicalShards)).ToArray();
        await authority.WriteAsync(record => record with { Phase = RunPhase.Training, TotalSteps = (long)leader.StepsPerEpoch * Spec.Epochs }, cancellationToken);
        Phase = Record.StopReason.Length > 0 ? RunPhase.Stopping : RunPhase.Training;
        if (!_isAnnounced)
        {
            _history.GoOnFrom(leader.ResumedAtStep);
            log.Append(new RunStarted
            {
                Spec = Spec,
                TotalSteps = Record.TotalSteps,
                StepsPerEpoch = leader.StepsPerEpoch,
                ResumedAtStep = leader.ResumedAtStep,
                TrainSamples = leader.TrainSamples,
                TestSamples = leader.TestSamples,
                ParameterCount = leader.ParameterCount,
                BatchNorm = Spec.LogicalShards == 1 ? "batch" : "shard",
                Fingerprint = leader.Fingerprint,
                Generation = generation.Number,
                Ranks = ranks,
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
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Run {RunId}: generation {Generation} begins with {Workers} workers at step {Step}")]
    private partial void LogBegins(string runId, int generation, int workers, long step);
}
