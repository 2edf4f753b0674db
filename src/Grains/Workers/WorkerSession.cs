using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Data.Claims;
using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Grains.Collectives.Routing;
using Lcnn.Distributed.Grains.Placement;
using Lcnn.Distributed.Model.Diagnostics;
using Lcnn.Distributed.Model.Own;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>One worker's part in one generation: its slot, replica, mailbox and training thread.</summary>
internal sealed partial class WorkerSession : IAsyncDisposable
{
    private readonly WorkerAssignment _assignment;
    private readonly SlotLease _lease;
    private readonly WorkerReplica _replica;
    private readonly TransportHub _transports;
    private readonly Mailbox _mailbox;
    private readonly RankActivity _activity;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly CancellationToken _leaving;
    private readonly ReportPump _reports;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TrainingLoop? _loop;
    private volatile WorkerFinished? _finished;
    private volatile WorkerFailed? _failed;

    private WorkerSession(
        WorkerAssignment assignment, SlotLease lease, WorkerReplica replica, WorkerJoined joined, TransportHub transports,
        IWorkerReports coordinator, RankActivity activity, Action leave, TimeProvider clock, ILogger logger, CancellationToken leaving)
    {
        (_assignment, _lease, _replica, Joined, _transports) = (assignment, lease, replica, joined, transports);
        (_activity, _clock, _logger, _leaving) = (activity, clock, logger, leaving);
        _mailbox = transports.Open(assignment.RunId, assignment.Generation, assignment.Rank);
        _reports = new ReportPump(coordinator, assignment.Generation, clock, logger, leave, leaving);
    }

    /// <summary>What the coordinator learns of the join.</summary>
    public WorkerJoined Joined { get; }

    /// <summary>Loads the data set and builds the replica.</summary>
    /// <exception cref="WorkerInputException">The data set or snapshot cannot be used as the spec wants it.</exception>
    public static async Task<WorkerSession> CreateAsync(
        WorkerAssignment assignment, SlotLease lease, DataSetCache dataSets, OwnLayerKinds own, TransportHub transports, IWorkerReports coordinator,
        RankActivity activity, Action leave, TimeProvider clock, ILogger logger, CancellationToken leaving)
    {
        // The data set is loaded once for the process: every run that waits for it hears how far it is.
        var progress = new DownloadReporter(coordinator, assignment.Generation);
        var replica = await Task.Run(() => WorkerReplica.CreateAsync(assignment, dataSets, own, progress, leaving), leaving);
        try
        {
            var fingerprint = await Task.Run(() => NumericalFingerprint.Compute(replica.Device.Name), leaving);
            leaving.ThrowIfCancellationRequested();
            var joined = Describe(assignment, replica, fingerprint, transports.Local);
            var session = new WorkerSession(assignment, lease, replica, joined, transports, coordinator, activity, leave, clock, logger, leaving);
            if (replica.Data.LeftOut is { } leftOut && assignment.Rank == 0 && assignment.ResumeFrom is null)
            {
                session.Warn(leftOut);
            }

            if (!fingerprint.Repeatable)
            {
                session.Warn($"rank {assignment.Rank}: bitwise: no; the same pass gives other bits each time on {fingerprint.Device}");
            }

            return session;
        }
        catch
        {
            replica.Dispose();
            throw;
        }
    }

    /// <summary>Starts the training thread; a second call does nothing.</summary>
    public void Begin(WorkerPeers peers, Func<int, IParcelRelay> relayOf)
    {
        if (_loop is not null || _leaving.IsCancellationRequested)
        {
            return;
        }

        var (run, generation, rank) = (_assignment.RunId, _assignment.Generation, _assignment.Rank);
        var transport = _transports.Connect(run, generation, rank, _assignment.Spec.Transport, peers, relayOf);
        var channel = new RankChannel(rank, _assignment.WorldSize, transport, _mailbox, _activity, _leaving);
        _loop = new TrainingLoop(_replica, channel, _reports, _clock, _leaving);
        new Thread(Train) { IsBackground = true, Name = $"{run} rank {rank}" }.Start();
    }

    /// <inheritdoc cref="TrainingLoop.RequestStop"/>
    public bool RequestStop() => _loop?.RequestStop() ?? false;

    /// <summary>The present moment.</summary>
    public WorkerPulse Pulse() =>
        _activity.Pulse(_assignment.Rank, _assignment.Incarnation) with
        {
            HasBegun = _loop is not null,
            Finished = _finished,
            Failed = _failed,
            IsReporting = _ended.Task.IsCompleted,
        };

    /// <summary>Waits for the training thread, which must have been told to leave, and for its last reports; frees the slot.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_loop is not null)
        {
            await _ended.Task;
        }
        else
        {
            _replica.Dispose();
            _reports.Close();
        }

        await _reports.Completion;
        _transports.Close(_assignment.RunId, _assignment.Generation, _assignment.Rank);
        _lease.Dispose();
    }

    private static WorkerJoined Describe(WorkerAssignment assignment, WorkerReplica replica, NumericalFingerprint fingerprint, PeerAddress peer) => new()
    {
        Rank = assignment.Rank,
        // What varies from pass to pass would tell a process from itself after a restart.
        Fingerprint = $"{fingerprint.Libtorch} {fingerprint.Identity} {replica.Data.Sha256}{replica.Network.OwnCode}",
        Device = fingerprint.Device,
        TrainSamples = replica.Data.Train.Count,
        TestSamples = replica.Test.Count,
        ClassNames = replica.Data.Train.ClassNames,
        StepsPerEpoch = replica.Plan.StepsPerEpoch,
        ParameterCount = replica.Network.ParameterCount,
        ResumedAtStep = replica.ResumedAtStep,
        OwnedLayers = replica.Owned.Indices.Count,
        Peer = peer,
        Threads = replica.Threads,
        Silo = assignment.Slot.Silo,
    };

    // A store that is away must hold up neither the join nor a step.
    private void Warn(string message) =>
        _reports.Post((coordinator, generation) => coordinator.ReportWarningAsync(generation, message, CancellationToken.None));

    private void Train()
    {
        var rank = _assignment.Rank;
        try
        {
            using var claim = rank == 0 ? FolderClaim.Join(_assignment.Spec.OutputDirectory, Claimant.Run(_assignment.RunId), _clock) : null;
            var finished = _loop!.Run();
            _reports.Post(async (coordinator, generation) =>
            {
                await coordinator.ReportFinishedAsync(generation, finished, CancellationToken.None);
                _finished = finished; // told again by pulses, in case that coordinator is lost
            });
        }
        catch (OperationCanceledException) when (_leaving.IsCancellationRequested)
        {
            LogLeft(rank);
        }
        catch (Exception exception)
        {
            var failure = TrainingFailure.Of(_activity, exception) ?? exception;
            LogFailed(failure is TrainingFailure ? LogLevel.Debug : LogLevel.Error, failure, rank); // a divergence is in the final event
            var failed = FailureOf(rank, failure);
            _reports.Post(async (coordinator, generation) =>
            {
                await coordinator.ReportFailedAsync(generation, failed, CancellationToken.None);
                _failed = failed;
            });
        }
        finally
        {
            _replica.Dispose();
            _reports.Close();
            _ended.SetResult();
        }
    }

    private static WorkerFailed FailureOf(int rank, Exception exception) => new(
        rank,
        $"rank {rank}: {exception.Message}",
        exception switch
        {
            TrainingFailure => FailureKind.Training,
            WorkerInputException or CheckpointException or DataFileException => FailureKind.BadInput,
            _ => FailureKind.Lost,
        },
        exception is PeerUnreachableException unreachable ? unreachable.Rank : -1);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Rank {Rank} left")]
    private partial void LogLeft(int rank);

    [LoggerMessage(Message = "Rank {Rank} failed")]
    private partial void LogFailed(LogLevel level, Exception exception, int rank);
}
