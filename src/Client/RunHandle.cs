using System.Runtime.CompilerServices;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Client;

/// <summary>A run behind its coordinator grain.</summary>
internal sealed class RunHandle(string id, IRunCoordinatorGrain coordinator) : IRunHandle
{
    public string Id { get; } = id;

    // The grain may move or forget an idle watcher; the log's numbers let the watch go on without a gap.
    public async IAsyncEnumerable<RunEvent> WatchAsync(
        long afterSequence = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var position = afterSequence;
        var isAborted = true;
        while (isAborted)
        {
            isAborted = false;
            await using var events = coordinator.WatchAsync(position, cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (true)
            {
                try
                {
                    if (!await events.MoveNextAsync())
                    {
                        break;
                    }
                }
                catch (EnumerationAbortedException)
                {
                    isAborted = true;
                    break;
                }

                position = events.Current.Sequence;
                yield return events.Current;
                if (events.Current.IsFinal)
                {
                    yield break;
                }
            }
        }
    }

    public Task CancelAsync(string reason, CancellationToken cancellationToken = default) =>
        coordinator.CancelAsync(reason, cancellationToken);

    public Task<RunStatus> GetStatusAsync(CancellationToken cancellationToken = default) =>
        coordinator.GetStatusAsync(cancellationToken);
}
