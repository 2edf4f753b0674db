using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Security;

namespace Lcnn.Distributed.Contracts.Sweeps;

/// <summary>One sweep: chooses trials, runs them on the cluster's slots, ends those not worth finishing. Keyed by sweep id.</summary>
[Alias("lcnn.ISweepGrain")]
public interface ISweepGrain : IGrainWithStringKey
{
    /// <summary>Starts the sweep; a second call with the same spec does nothing.</summary>
    /// <exception cref="InvalidSpecException">The spec cannot run, on this cluster or in this folder; every problem is named.</exception>
    /// <exception cref="SweepExistsException">The id is taken by another spec.</exception>
    [Alias("StartAsync"), RequiresRole(Role.Operate), ResponseTimeout("00:00:30")]
    Task<SweepStatus> StartAsync(SweepSpec spec, CancellationToken cancellationToken);

    /// <summary>The events after a position of the log, live until the final one.</summary>
    [Alias("WatchAsync"), RequiresRole(Role.View)]
    IAsyncEnumerable<SweepEvent> WatchAsync(long afterSequence, CancellationToken cancellationToken);

    /// <summary>Where the sweep stands.</summary>
    [Alias("GetStatusAsync"), RequiresRole(Role.View)]
    Task<SweepStatus> GetStatusAsync(CancellationToken cancellationToken);

    /// <summary>The sweep as it was started.</summary>
    [Alias("GetSpecAsync"), RequiresRole(Role.View)]
    Task<SweepSpec?> GetSpecAsync(CancellationToken cancellationToken);

    /// <summary>Trials with all their reports, by number, from one on.</summary>
    [Alias("GetTrialsAsync"), RequiresRole(Role.View)]
    Task<IReadOnlyList<TrialEntry>> GetTrialsAsync(int firstNumber, int limit, CancellationToken cancellationToken);

    /// <summary>Pauses every trial after its current step, each with a snapshot; begins none until <see cref="ResumeAsync"/>. Nothing once the sweep is done.</summary>
    [Alias("PauseAsync"), RequiresRole(Role.Operate), ResponseTimeout("00:00:30")]
    Task PauseAsync(CancellationToken cancellationToken);

    /// <summary>Goes on after a pause; nothing where there is none.</summary>
    [Alias("ResumeAsync"), RequiresRole(Role.Operate), ResponseTimeout("00:00:30")]
    Task ResumeAsync(CancellationToken cancellationToken);

    /// <summary>Stops every trial, keeps their snapshots, and completes the sweep with what there is.</summary>
    [Alias("StopAsync"), RequiresRole(Role.Operate), ResponseTimeout("00:00:30")]
    Task StopAsync(string reason, CancellationToken cancellationToken);

    /// <summary>Adds trials to a sweep that is not done; a request whose id was seen before does nothing.</summary>
    /// <exception cref="InvalidSpecException">The sweep is done, the sampler has no more, or a trial cannot run; every problem is named, and none is added.</exception>
    [Alias("AddTrialsAsync"), RequiresRole(Role.Operate), ResponseTimeout("00:00:30")]
    Task AddTrialsAsync(AddTrials request, CancellationToken cancellationToken);
}

/// <summary>More trials for a sweep.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.AddTrials")]
public sealed record AddTrials
{
    /// <summary>Random; makes a repeated request harmless.</summary>
    [Id(0)] public Guid RequestId { get; init; } = Guid.NewGuid();
    /// <summary>Trials that the sampler chooses besides those planned.</summary>
    [Id(1)] public int Count { get; init; }
    /// <summary>Trials with parameters given by hand.</summary>
    [Id(2)] public IReadOnlyList<ParameterSet> Parameters { get; init; } = [];
}

/// <summary>The sweep's id is taken by another spec.</summary>
[GenerateSerializer, Alias("lcnn.SweepExistsException")]
public sealed class SweepExistsException(string message) : Exception(message);
