using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Workers;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>Calls to the workers of a run's generations; none of them outlasts a worker that is gone.</summary>
internal sealed partial class RunWorkers(
    string runId, IGrainFactory grains, IClusterMembershipService membership, RunOptions options, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan _answerTime = TimeSpan.FromSeconds(3);

    /// <summary>The worker of a member.</summary>
    public IWorkerGrain Of(int generation, MemberRecord member) =>
        grains.GetGrain<IWorkerGrain>(GrainKeys.Worker(runId, generation, member.Rank, member.Silo));

    /// <summary>Has all members load what they need. A failure goes to the generation, by rank.</summary>
    /// <returns>In rank order; null when one failed or the generation ended first.</returns>
    public async Task<WorkerJoined[]?> JoinAsync(RunGeneration generation, RunSpec spec, string? resumeFrom, CancellationToken cancellationToken)
    {
        var joins = Task.WhenAll(generation.Members.Select(async member =>
        {
            var assignment = new WorkerAssignment(
                runId, generation.Number, member.Rank, generation.Members.Count, spec, spec.ThreadsPerWorker, resumeFrom,
                new DeviceSlot(member.Silo, member.SlotIndex, member.Device), member.Incarnation,
                generation.Members.Count(other => other.Silo == member.Silo));
            try
            {
                return await Of(generation.Number, member).JoinAsync(assignment, cancellationToken);
            }
            catch (Exception exception)
            {
                LogJoinFailed(exception, member.Rank);
                generation.Fail(new WorkerFailed(
                    member.Rank, exception.Message, exception is WorkerInputException ? FailureKind.BadInput : FailureKind.Lost));
                return null;
            }
        }));
        await Task.WhenAny(joins, generation.End);
        if (generation.End.IsCompleted)
        {
            return null;
        }

        var joined = (await joins).OfType<WorkerJoined>().ToArray();
        return joined.Length == generation.Members.Count ? joined : null;
    }

    /// <summary>Has all members begin; a failure goes to the generation.</summary>
    public async Task BeginAsync(RunGeneration generation, WorkerPeers peers, CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(generation.Members.Select(member => Of(generation.Number, member).BeginAsync(peers, cancellationToken)));
        }
        catch (Exception exception)
        {
            generation.Fail(exception is WorkerInputException
                ? new WorkerFailed(0, exception.Message, FailureKind.BadInput)
                : new WorkerFailed(0, $"a worker could not begin: {exception.Message}", FailureKind.Lost));
        }
    }

    /// <summary>Asks every member how it is.</summary>
    /// <returns>In rank order; an empty pulse from those who do not answer.</returns>
    public Task<WorkerPulse[]> PingAsync(int generation, IReadOnlyList<MemberRecord> members, CancellationToken cancellationToken) =>
        Task.WhenAll(members.Select(async member =>
        {
            if (IsGone(member))
            {
                return new WorkerPulse { Rank = member.Rank };
            }

            try
            {
                return await Of(generation, member).PingAsync(cancellationToken).WaitAsync(_answerTime, clock, cancellationToken) with { Rank = member.Rank };
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                LogNoAnswer(exception, member.Rank);
                return new WorkerPulse { Rank = member.Rank };
            }
        }));

    /// <summary>Has all members leave and frees their slots; those who do not in time are left behind.</summary>
    public async Task LeaveAsync(RunGeneration generation, CancellationToken cancellationToken)
    {
        var members = generation.Members.Where(member => !IsGone(member)).ToList();
        await Task.WhenAll(members.Select(member => TryAsync(
            () => Of(generation.Number, member).LeaveAsync(cancellationToken), options.LeaveTimeout, cancellationToken)));
        await Task.WhenAll(members.Select(member => member.Silo).Distinct().Select(silo => TryAsync(
            () => grains.GetGrain<ISiloSlotsGrain>(GrainKeys.SiloSlots(silo)).ReleaseAsync(runId, generation.Number, cancellationToken),
            _answerTime, cancellationToken)));
    }

    // A call to a silo that is gone fails only after some attempts.
    private bool IsGone(MemberRecord member) =>
        membership.CurrentSnapshot.GetSiloStatus(SiloAddress.FromParsableString(member.Silo)) is SiloStatus.Dead or SiloStatus.None;

    private async Task TryAsync(Func<Task> call, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            await call().WaitAsync(timeout, clock, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotLeft(exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Rank {Rank} could not join")]
    private partial void LogJoinFailed(Exception exception, int rank);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Rank {Rank} does not answer")]
    private partial void LogNoAnswer(Exception exception, int rank);

    [LoggerMessage(Level = LogLevel.Debug, Message = "A worker did not leave")]
    private partial void LogNotLeft(Exception exception);
}
