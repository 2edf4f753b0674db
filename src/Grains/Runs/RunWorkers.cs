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

    private IWorkerGrain Of(int generation, MemberRecord member) =>
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
                var worker = await Of(generation.Number, member).JoinAsync(assignment, cancellationToken);
                generation.NoteJoined(member.Rank);
                return worker;
            }
            catch (Exception exception)
            {
                TakeFailure(generation, member.Rank, exception);
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
        var begun = Task.WhenAll(generation.Members.Select(async member =>
        {
            try
            {
                await Of(generation.Number, member).BeginAsync(peers, cancellationToken);
            }
            catch (Exception exception)
            {
                TakeFailure(generation, member.Rank, exception);
            }
        }));
        await Task.WhenAny(begun, generation.End);
    }

    /// <summary>Asks the leading rank to end the generation after the step at hand.</summary>
    /// <returns>False when nothing is lost by leaving at once; null when it does not answer.</returns>
    public async Task<bool?> StopAsync(RunGeneration generation, CancellationToken cancellationToken)
    {
        try
        {
            return await Of(generation.Number, generation.Members[0]).StopAsync(cancellationToken).WaitAsync(_answerTime, clock, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogNoAnswer(exception, 0);
            return null;
        }
    }

    /// <summary>Whether a silo answers; one that does not is lost as a whole, even if the membership has not noticed yet.</summary>
    public async Task<bool> AnswersAsync(string silo, CancellationToken cancellationToken)
    {
        if (membership.HasLeft(silo))
        {
            return false;
        }

        try
        {
            await grains.GetGrain<ISiloSlotsGrain>(GrainKeys.SiloSlots(silo)).GetAsync(cancellationToken).WaitAsync(_answerTime, clock, cancellationToken);
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogSiloSilent(exception, silo);
            return false;
        }
    }

    /// <summary>Asks members how they are.</summary>
    /// <returns>In their order; null from those who do not answer, an empty incarnation from those who have forgotten their part.</returns>
    public Task<WorkerPulse?[]> PingAsync(int generation, IReadOnlyList<MemberRecord> members, CancellationToken cancellationToken) =>
        Task.WhenAll(members.Select(async member =>
        {
            if (membership.HasLeft(member.Silo))
            {
                return null;
            }

            try
            {
                return await Of(generation, member).PingAsync(cancellationToken).WaitAsync(_answerTime, clock, cancellationToken) with { Rank = member.Rank };
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                LogNoAnswer(exception, member.Rank);
                return null;
            }
        }));

    /// <summary>Has all members leave and frees their slots; those who do not in time are left behind.</summary>
    public async Task LeaveAsync(RunGeneration generation, CancellationToken cancellationToken)
    {
        // A call to a silo that is gone fails only after some attempts.
        var members = generation.Members.Where(member => !membership.HasLeft(member.Silo)).ToList();
        await Task.WhenAll(members.Select(member => TryAsync(
            () => Of(generation.Number, member).LeaveAsync(cancellationToken), options.LeaveTimeout, cancellationToken)));
        await Task.WhenAll(members.Select(member => member.Silo).Distinct().Select(silo => TryAsync(
            () => grains.GetGrain<ISiloSlotsGrain>(GrainKeys.SiloSlots(silo)).ReleaseAsync(runId, generation.Number, cancellationToken),
            _answerTime, cancellationToken)));
    }

    private void TakeFailure(RunGeneration generation, int rank, Exception exception)
    {
        LogNotReady(exception, rank);
        if (exception is WorkerInputException)
        {
            generation.Refuse(rank, exception.Message);
        }
        else
        {
            generation.Lose(rank, exception.Message);
        }
    }

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

    [LoggerMessage(Level = LogLevel.Debug, Message = "Rank {Rank} could not join or begin")]
    private partial void LogNotReady(Exception exception, int rank);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Rank {Rank} does not answer")]
    private partial void LogNoAnswer(Exception exception, int rank);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Silo {Silo} does not answer")]
    private partial void LogSiloSilent(Exception exception, string silo);

    [LoggerMessage(Level = LogLevel.Debug, Message = "A worker did not leave")]
    private partial void LogNotLeft(Exception exception);
}
