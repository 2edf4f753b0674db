using Lcnn.Distributed.Contracts.Runs;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Client;

/// <summary>A run behind its coordinator grain.</summary>
internal sealed class RunHandle(
    string id, IRunCoordinatorGrain coordinator, IGrainFactory grains, TimeProvider clock, ILogger logger) : IRunHandle, IWatchedLog<RunEvent>
{
    private readonly Retry _retry = new(id, clock, logger);

    public string Id { get; } = id;

    public IRunSnapshots Snapshots { get; } = new RunSnapshots(id, coordinator, grains, clock, logger);

    public IAsyncEnumerable<RunEvent> WatchAsync(long afterSequence = 0, CancellationToken cancellationToken = default) =>
        LogWatch.FollowAsync(this, Id, afterSequence, clock, logger, cancellationToken);

    public Task CancelAsync(string reason, CancellationToken cancellationToken = default) =>
        _retry.CallAsync(() => coordinator.CancelAsync(reason, cancellationToken), cancellationToken);

    public Task SetTagsAsync(IReadOnlyList<string> tags, CancellationToken cancellationToken = default) =>
        _retry.CallAsync(() => coordinator.SetTagsAsync(tags, cancellationToken), cancellationToken);

    public Task<RunStatus> GetStatusAsync(CancellationToken cancellationToken = default) =>
        _retry.CallAsync(() => coordinator.GetStatusAsync(cancellationToken), cancellationToken);

    public Task<IReadOnlyList<RankStatus>> GetRanksAsync(CancellationToken cancellationToken = default) =>
        _retry.CallAsync(() => coordinator.GetRanksAsync(cancellationToken), cancellationToken);

    public async Task<RunSpec> GetSpecAsync(CancellationToken cancellationToken = default) =>
        await _retry.CallAsync(() => coordinator.GetSpecAsync(cancellationToken), cancellationToken) ?? throw new RunNotFoundException(Id);

    public Task<RunMetrics> GetMetricsAsync(CancellationToken cancellationToken = default) =>
        _retry.CallAsync(() => coordinator.GetMetricsAsync(cancellationToken), cancellationToken);

    public Task<RunMetrics> GetMetricsAsync(EpochQuery query, CancellationToken cancellationToken = default) =>
        _retry.CallAsync(() => coordinator.GetMetricsAsync(query, cancellationToken), cancellationToken);

    public Task<SeriesWindow> GetSeriesAsync(SeriesQuery query, CancellationToken cancellationToken = default) =>
        _retry.CallAsync(() => coordinator.GetSeriesAsync(query, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<RunEvent>> GetHistoryAsync(long afterSequence = 0, CancellationToken cancellationToken = default) =>
        _retry.CallAsync(() => coordinator.GetHistoryAsync(afterSequence, cancellationToken), cancellationToken);

    /// <summary>Starts the run; a repeated call does nothing, so that a lost answer does no harm.</summary>
    public Task StartAsync(RunSpec spec, CancellationToken cancellationToken) =>
        _retry.CallAsync(() => coordinator.StartAsync(spec, cancellationToken), cancellationToken);

    IAsyncEnumerable<RunEvent> IWatchedLog<RunEvent>.WatchAsync(long afterSequence, CancellationToken cancellationToken) =>
        coordinator.WatchAsync(afterSequence, cancellationToken);

    async Task<long> IWatchedLog<RunEvent>.GetLastSequenceAsync(CancellationToken cancellationToken)
    {
        var status = await coordinator.GetStatusAsync(cancellationToken);
        return status.Phase == RunPhase.Unknown
            ? throw new RunNotFoundException(Id, "the silo that held its record was lost; go on from its folder with --resume")
            : status.LastSequence;
    }
}
