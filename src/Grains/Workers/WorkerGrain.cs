using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Grains.Collectives.Routing;
using Lcnn.Distributed.Grains.Placement;
using Lcnn.Distributed.Grains.Programs;
using Lcnn.Distributed.Grains.Runs;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>Lends a replica a grain's identity and a slot; the training itself runs on a thread of its own (<see cref="TrainingLoop"/>).</summary>
/// <remarks>
/// Reentrant: a join may take minutes of download, and a stop or leave must get through. A worker serves one assignment, begins once and
/// leaves once; each of these is a task that later calls find and await. Pulses keep the coordinator awake until the worker leaves.
/// </remarks>
[Reentrant, KeepAlive, Immovable, SiloPlacement]
internal sealed partial class WorkerGrain(
    DataSetCache dataSets, SiloProgram program, TransportHub transports, SlotLedger slots, IOptions<RunOptions> options, TimeProvider clock, ILogger<WorkerGrain> logger)
    : Grain, IWorkerGrain, IParcelRelay, IDisposable
{
    private readonly CancellationTokenSource _leaving = new();
    private readonly RankActivity _activity = new();
    private WorkerAssignment? _assignment;
    private Task<WorkerJoined>? _joining;
    private WorkerSession? _session;
    private IWorkerGrain? _self;
    private Task? _left;

    public Task<WorkerJoined> JoinAsync(WorkerAssignment assignment, CancellationToken cancellationToken)
    {
        if (_assignment is null)
        {
            (_assignment, _self) = (assignment, this.AsReference<IWorkerGrain>());
            this.RegisterGrainTimer(PulseAsync, new GrainTimerCreationOptions(options.Value.PulseInterval, options.Value.PulseInterval) { Interleave = true, KeepAlive = true });
            _joining = JoinAsync(assignment);
        }
        else if (_assignment.Incarnation != assignment.Incarnation)
        {
            throw new InvalidOperationException($"{this.GetPrimaryKeyString()} was given to another worker");
        }

        return _joining!.WaitAsync(cancellationToken);
    }

    public Task BeginAsync(WorkerPeers peers, CancellationToken cancellationToken)
    {
        var session = _session ?? throw new InvalidOperationException($"rank {_assignment?.Rank}: begin before join");
        var grains = GrainFactory; // a grain's own property answers only within its turns
        session.Begin(peers, rank => grains.GetGrain<IParcelRelay>(peers.ByRank[rank].Worker));
        return Task.CompletedTask;
    }

    public Task<WorkerPulse> PingAsync(CancellationToken cancellationToken)
    {
        GoUnlessAssigned();
        return Task.FromResult(Pulse());
    }

    public Task<bool> StopAsync(CancellationToken cancellationToken)
    {
        GoUnlessAssigned();
        return Task.FromResult(_session?.RequestStop() ?? false);
    }

    public Task LeaveAsync(CancellationToken cancellationToken) => (_left ??= EndAsync()).WaitAsync(cancellationToken);

    public Task DeliverAsync(byte[] block, CancellationToken cancellationToken)
    {
        var isKnown = false;
        try
        {
            isKnown = transports.Receive(block);
        }
        finally
        {
            if (!isKnown)
            {
                GoUnlessAssigned();
            }
        }

        return Task.CompletedTask;
    }

    // However the activation ends, its thread and slot must not stay behind.
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) =>
        (_left ??= EndAsync()).WaitAsync(cancellationToken);

    // Also when the silo stops under a running worker.
    public void Dispose()
    {
        _leaving.Cancel();
        _leaving.Dispose();
    }

    private async Task<WorkerJoined> JoinAsync(WorkerAssignment assignment)
    {
        var holder = new SlotHolder(assignment.RunId, assignment.Generation, assignment.Rank);
        var lease = await slots.TakeAsync(assignment.Slot, holder, _leaving.Token);
        lease.Evicted.UnsafeRegister(static leave => ((Action)leave!)(), (Action)Leave);
        try
        {
            _session = await WorkerSession.CreateAsync(
                assignment, lease, dataSets, program.Layers, transports, Coordinator(assignment), _activity, Leave, clock, logger, _leaving.Token);
        }
        catch
        {
            lease.Dispose();
            throw;
        }

        return _session.Joined;
    }

    // A late call must not keep a worker alive that never joined.
    private void GoUnlessAssigned()
    {
        if (_assignment is null)
        {
            DeactivateOnIdle();
        }
    }

    private async Task EndAsync()
    {
        await _leaving.CancelAsync();
        try
        {
            await (_joining ?? Task.CompletedTask);
        }
        catch (Exception exception)
        {
            LogJoinEnded(exception);
        }

        if (_session is not null)
        {
            await _session.DisposeAsync();
        }

        DeactivateOnIdle();
    }

    private async Task PulseAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Coordinator(_assignment!).ReportAliveAsync(_assignment!.Generation, Pulse(), cancellationToken);
        }
        catch (StaleGenerationException exception)
        {
            LogStale(exception.Message);
            Leave();
        }
        catch (Exception exception) // a coordinator may be away for a while: training goes on
        {
            LogPulseLost(exception);
        }
    }

    private WorkerPulse Pulse() => _assignment is null
        ? new WorkerPulse()
        : _session?.Pulse() ?? _activity.Pulse(_assignment.Rank, _assignment.Incarnation);

    // From any thread: leaving itself is the grain's own work.
    private void Leave() => _self!.LeaveAsync(CancellationToken.None).Ignore();

    private IWorkerReports Coordinator(WorkerAssignment assignment) => GrainFactory.GetGrain<IWorkerReports>(assignment.RunId);

    [LoggerMessage(Level = LogLevel.Debug, Message = "A join ended with its worker")]
    private partial void LogJoinEnded(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "A worker leaves: {Reason}")]
    private partial void LogStale(string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "A pulse did not reach the coordinator")]
    private partial void LogPulseLost(Exception exception);
}
