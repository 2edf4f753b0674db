using System.Runtime.CompilerServices;
using Lcnn.Distributed.Contracts.Runs;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Client;

/// <summary>A run behind its coordinator grain.</summary>
internal sealed class RunHandle(
    string id, IRunCoordinatorGrain coordinator, IGrainFactory grains, TimeProvider clock, ILogger logger) : IRunHandle
{
    private readonly Retry _retry = new(id, clock, logger);

    public string Id { get; } = id;

    public IRunSnapshots Snapshots { get; } = new RunSnapshots(id, coordinator, grains, clock, logger);

    // Connection, silo and grain may all go away under a watcher; the log's numbers let the watch go on without gap or repeat.
    public async IAsyncEnumerable<RunEvent> WatchAsync(
        long afterSequence = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var position = afterSequence;
        var retry = new Backoff(Id, clock, logger);
        while (true)
        {
            Exception lost;
            await using (var events = new EventSource(coordinator, position, isAgain: retry.IsTrying, clock, cancellationToken))
            {
                while (await events.ReadAsync())
                {
                    retry.Reset();
                    if (events.Current.Sequence <= position)
                    {
                        continue;
                    }

                    position = events.Current.Sequence;
                    yield return events.Current;
                    if (events.Current.IsFinal)
                    {
                        yield break;
                    }
                }

                if (events.Lost is null)
                {
                    yield break;
                }

                lost = events.Lost;
                if (events.IsAnswered)
                {
                    retry.Hear();
                }
            }

            await retry.WaitAsync(lost, cancellationToken);
        }
    }

    public Task CancelAsync(string reason, CancellationToken cancellationToken = default) =>
        _retry.CallAsync(() => coordinator.CancelAsync(reason, cancellationToken), cancellationToken);

    public Task<RunStatus> GetStatusAsync(CancellationToken cancellationToken = default) =>
        _retry.CallAsync(() => coordinator.GetStatusAsync(cancellationToken), cancellationToken);

    public Task<RunMetrics> GetMetricsAsync(CancellationToken cancellationToken = default) =>
        _retry.CallAsync(() => coordinator.GetMetricsAsync(cancellationToken), cancellationToken);

    /// <summary>Starts the run; a repeated call does nothing, so that a lost answer does no harm.</summary>
    public Task StartAsync(RunSpec spec, CancellationToken cancellationToken) =>
        _retry.CallAsync(() => coordinator.StartAsync(spec, cancellationToken), cancellationToken);
}
