using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Client;

/// <summary>One run, as its clients see it.</summary>
public interface IRunHandle
{
    /// <summary>The run's id.</summary>
    string Id { get; }

    /// <summary>The events after a position of the run's log, live until the final one.</summary>
    IAsyncEnumerable<RunEvent> WatchAsync(long afterSequence = 0, CancellationToken cancellationToken = default);

    /// <summary>Stops the run after the current step; it keeps a snapshot.</summary>
    Task CancelAsync(string reason, CancellationToken cancellationToken = default);

    /// <summary>Where the run stands.</summary>
    Task<RunStatus> GetStatusAsync(CancellationToken cancellationToken = default);
}
