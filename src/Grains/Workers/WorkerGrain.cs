using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Model.Diagnostics;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>Lends a replica a grain's identity; the training itself runs on a thread of its own (<see cref="TrainingLoop"/>).</summary>
/// <remarks>Reentrant: a join may take minutes of download, and a stop or leave must get through. Turns only set fields, once each.</remarks>
[Reentrant, KeepAlive, Immovable, PreferLocalPlacement]
internal sealed partial class WorkerGrain(DataSetCache dataSets, TransportHub transports, TimeProvider clock, ILogger<WorkerGrain> logger)
    : Grain, IWorkerGrain, IParcelRelay, IDisposable
{
    private readonly CancellationTokenSource _leaving = new();
    private WorkerAssignment? _assignment;
    private WorkerReplica? _replica;
    private TrainingLoop? _loop;
    private ReportPump? _reports;
    private Mailbox? _mailbox;

    public async Task<WorkerJoined> JoinAsync(WorkerAssignment assignment, CancellationToken cancellationToken)
    {
        _assignment = assignment;
        _mailbox = transports.Open(assignment.RunId, assignment.Generation, assignment.Rank);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _leaving.Token);
        // The data set is loaded once for the process, and the rank that came first reports.
        var progress = new DownloadReporter(Coordinator(assignment), assignment.Generation, clock);
        var (replica, fingerprint) = await Task.Run(() => LoadAsync(assignment, progress, either.Token), either.Token);
        if (_leaving.IsCancellationRequested)
        {
            replica.Dispose();
            throw new OperationCanceledException(_leaving.Token);
        }

        _replica = replica;
        var (libtorch, device, _, pass, repeatable) = fingerprint;
        if (!repeatable)
        {
            await Coordinator(assignment).ReportWarningAsync(
                assignment.Generation, $"rank {assignment.Rank}: bitwise: no; the same pass gives other bits each time on {device}", cancellationToken);
        }

        return new WorkerJoined
        {
            Rank = assignment.Rank,
            Fingerprint = $"{libtorch} {pass} {replica.Data.Sha256}",
            Device = device,
            TrainSamples = replica.Data.Train.Count,
            TestSamples = replica.Data.Test.Count,
            StepsPerEpoch = replica.Plan.StepsPerEpoch,
            ParameterCount = replica.Network.ParameterCount,
            ResumedAtStep = replica.ResumedAtStep,
            OwnedLayers = replica.Owned.Indices.Count,
            Peer = transports.Local,
        };
    }

    public Task BeginAsync(CancellationToken cancellationToken)
    {
        if (_loop is null && !_leaving.IsCancellationRequested)
        {
            var replica = _replica ?? throw new InvalidOperationException($"rank {_assignment?.Rank}: begin before join");
            var assignment = replica.Assignment;
            var peers = new WorkerPeers(
                System.Text.Encoding.UTF8.GetBytes(assignment.RunId), [.. Enumerable.Repeat(transports.Local, assignment.WorldSize)]);
            var grains = GrainFactory; // a grain's own property answers only within its turns
            var transport = transports.Connect(
                assignment.RunId, assignment.Generation, assignment.Rank, assignment.Spec.Transport, peers,
                rank => grains.GetGrain<IParcelRelay>(GrainKeys.Worker(assignment.RunId, assignment.Generation, rank)));
            var channel = new RankChannel(assignment.Rank, assignment.WorldSize, transport, _mailbox!, _leaving.Token);
            _reports = new ReportPump(Coordinator(assignment), assignment.Generation, clock, logger);
            _loop = new TrainingLoop(replica, channel, _reports, clock, _leaving.Token);
            new Thread(Train) { IsBackground = true, Name = $"{assignment.RunId} rank {assignment.Rank}" }.Start();
        }

        return Task.CompletedTask;
    }

    public Task<bool> StopAsync(CancellationToken cancellationToken) => Task.FromResult(_loop?.RequestStop() ?? false);

    public async Task LeaveAsync(CancellationToken cancellationToken)
    {
        await _leaving.CancelAsync();
        if (_reports is not null)
        {
            await _reports.Completion;
        }
        else
        {
            _replica?.Dispose();
        }

        if (_assignment is { } assignment)
        {
            transports.Close(assignment.RunId, assignment.Generation, assignment.Rank);
        }

        DeactivateOnIdle();
    }

    public Task DeliverAsync(byte[] block, CancellationToken cancellationToken)
    {
        try
        {
            transports.Receive(block);
        }
        catch when (_assignment is null)
        {
            DeactivateOnIdle(); // a late block must not keep a worker alive that never joined
            throw;
        }

        return Task.CompletedTask;
    }

    // Also when the silo stops under a running worker.
    public void Dispose()
    {
        _leaving.Cancel();
        _leaving.Dispose();
    }

    private async Task<(WorkerReplica Replica, NumericalFingerprint Fingerprint)> LoadAsync(
        WorkerAssignment assignment, DownloadReporter progress, CancellationToken cancellationToken)
    {
        var replica = await WorkerReplica.CreateAsync(assignment, dataSets, progress, cancellationToken);
        try
        {
            return (replica, NumericalFingerprint.Compute(replica.Device.Name));
        }
        catch
        {
            replica.Dispose();
            throw;
        }
    }

    private void Train()
    {
        var (replica, reports, rank) = (_replica!, _reports!, _replica!.Assignment.Rank);
        try
        {
            var finished = _loop!.Run();
            reports.Post((coordinator, generation) => coordinator.ReportFinishedAsync(generation, finished, CancellationToken.None));
        }
        catch (OperationCanceledException) when (_leaving.IsCancellationRequested)
        {
            LogLeft(rank);
        }
        catch (Exception exception)
        {
            LogFailed(exception is TrainingFailure ? LogLevel.Debug : LogLevel.Error, exception, rank); // a divergence is in the final event
            reports.Post((coordinator, generation) =>
                coordinator.ReportFailedAsync(generation, rank, $"rank {rank}: {exception.Message}", false, CancellationToken.None));
        }
        finally
        {
            replica.Dispose();
            reports.Close();
        }
    }

    private IWorkerReports Coordinator(WorkerAssignment assignment) => GrainFactory.GetGrain<IWorkerReports>(assignment.RunId);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Rank {Rank} left")]
    private partial void LogLeft(int rank);

    [LoggerMessage(Message = "Rank {Rank} failed")]
    private partial void LogFailed(LogLevel level, Exception exception, int rank);
}
