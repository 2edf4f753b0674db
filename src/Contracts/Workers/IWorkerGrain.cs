namespace Lcnn.Distributed.Contracts.Workers;

/// <summary>Owns one replica and its device slot for one generation of a run. Keyed by run, generation and rank.</summary>
/// <remarks>Steps are made on the worker's own threads, never in a turn; what comes of them goes to <see cref="IWorkerReports"/>.</remarks>
[Alias("lcnn.IWorkerGrain")]
public interface IWorkerGrain : IGrainWithStringKey
{
    /// <summary>Loads the data set and builds the replica.</summary>
    /// <exception cref="WorkerInputException">The data set or the snapshot cannot be used.</exception>
    /// <remarks>A download may be part of it, hence the long timeout.</remarks>
    [Alias("JoinAsync"), ResponseTimeout("12:00:00")]
    Task<WorkerJoined> JoinAsync(WorkerAssignment assignment, CancellationToken cancellationToken);

    /// <summary>Begins making steps; returns at once. A second call does nothing.</summary>
    [Alias("BeginAsync")]
    Task BeginAsync(WorkerPeers peers, CancellationToken cancellationToken);

    /// <summary>The worker as it is; one that knows no assignment answers with an empty incarnation.</summary>
    [Alias("PingAsync")]
    Task<WorkerPulse> PingAsync(CancellationToken cancellationToken);

    /// <summary>Asks the leading rank to end the run after the step at hand, with a snapshot.</summary>
    /// <returns>False when training is over and its snapshot committed: then nothing is lost by leaving.</returns>
    [Alias("StopAsync")]
    Task<bool> StopAsync(CancellationToken cancellationToken);

    /// <summary>Ends the worker wherever it is and frees its memory.</summary>
    /// <remarks>The batch at hand is finished first, which takes minutes for a large network, hence the timeout.</remarks>
    [Alias("LeaveAsync"), ResponseTimeout("00:30:00")]
    Task LeaveAsync(CancellationToken cancellationToken);
}
