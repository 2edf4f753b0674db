using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Client.Sweeps;

/// <summary>One sweep, as its clients see it.</summary>
public interface ISweepHandle
{
    /// <summary>The sweep's id, which finds it again from any client of the cluster.</summary>
    string Id { get; }

    /// <summary>The events after a position of the sweep's log, live until the final one: each once, whatever happens to the connection.</summary>
    IAsyncEnumerable<SweepEvent> WatchAsync(long afterSequence = 0, CancellationToken cancellationToken = default);

    /// <summary>Waits for the end.</summary>
    /// <returns>The final event: <see cref="SweepCompleted"/> or <see cref="SweepFailed"/>.</returns>
    /// <exception cref="SweepNotFoundException">The cluster has no such sweep.</exception>
    Task<SweepEvent> WaitAsync(CancellationToken cancellationToken = default);

    /// <summary>Where the sweep stands.</summary>
    Task<SweepStatus> GetStatusAsync(CancellationToken cancellationToken = default);

    /// <summary>Everything the sweep was asked for, defaults included.</summary>
    /// <exception cref="SweepNotFoundException">The cluster has no such sweep.</exception>
    Task<SweepSpec> GetSpecAsync(CancellationToken cancellationToken = default);

    /// <summary>Every trial with its reports, by number.</summary>
    Task<IReadOnlyList<TrialEntry>> GetTrialsAsync(CancellationToken cancellationToken = default);

    /// <summary>Pauses every trial after its current step, each with a snapshot; begins none until <see cref="ResumeAsync"/>. Nothing once the sweep is done.</summary>
    Task PauseAsync(CancellationToken cancellationToken = default);

    /// <summary>Goes on after a pause; nothing where there is none.</summary>
    Task ResumeAsync(CancellationToken cancellationToken = default);

    /// <summary>Stops every trial and completes the sweep with what there is.</summary>
    Task StopAsync(string reason, CancellationToken cancellationToken = default);

    /// <summary>Adds trials that the sampler chooses, and trials with parameters given by hand.</summary>
    /// <exception cref="InvalidSpecException">The sweep is done, the sampler has no more, or a trial cannot run; none is added.</exception>
    Task AddTrialsAsync(int count, IReadOnlyList<ParameterSet>? parameters = null, CancellationToken cancellationToken = default);
}
