using Lcnn.Distributed.Contracts.Runs;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Client;

/// <summary>A run behind its coordinator grain.</summary>
internal sealed class RunHandle(string id, IRunCoordinatorGrain coordinator, TimeProvider clock, ILogger logger) : IRunHandle, IWatchedLog<RunEvent>
{
    public string Id { get; } = id;

    public IAsyncEnumerable<RunEvent> WatchAsync(long afterSequence = 0, CancellationToken cancellationToken = default) =>
        LogWatch.FollowAsync(this, Id, afterSequence, clock, logger, cancellationToken);

    public Task CancelAsync(string reason, CancellationToken cancellationToken = default) =>
        RetryAsync(() => coordinator.CancelAsync(reason, cancellationToken), cancellationToken);

    public async Task<RunStatus> GetStatusAsync(CancellationToken cancellationToken = default)
    {
        RunStatus? status = null;
        await RetryAsync(async () => status = await coordinator.GetStatusAsync(cancellationToken), cancellationToken);
        return status!;
    }

    /// <summary>Starts the run; a repeated call does nothing, so that a lost answer does no harm.</summary>
    public Task StartAsync(RunSpec spec, CancellationToken cancellationToken) =>
        RetryAsync(() => coordinator.StartAsync(spec, cancellationToken), cancellationToken);

    IAsyncEnumerable<RunEvent> IWatchedLog<RunEvent>.WatchAsync(long afterSequence, CancellationToken cancellationToken) =>
        coordinator.WatchAsync(afterSequence, cancellationToken);

    async Task<long> IWatchedLog<RunEvent>.GetLastSequenceAsync(CancellationToken cancellationToken)
    {
        var status = await coordinator.GetStatusAsync(cancellationToken);
        return status.Phase == RunPhase.Unknown
            ? throw new RunNotFoundException(Id, "the silo that held its record was lost; go on from its folder with --resume")
            : status.LastSequence;
    }

    private Task RetryAsync(Func<Task> call, CancellationToken cancellationToken) => Retry.UntilAnsweredAsync(call, Id, clock, logger, cancellationToken);
}
