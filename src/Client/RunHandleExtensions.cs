using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Client;

/// <summary>What follows from the calls of a run.</summary>
public static class RunHandleExtensions
{
    /// <summary>Waits for the end of a run, through lost connections and silos.</summary>
    /// <returns>The final event: <see cref="RunCompleted"/>, <see cref="RunFailed"/> or <see cref="RunCancelled"/>.</returns>
    /// <exception cref="RunNotFoundException">The cluster does not know the run.</exception>
    /// <exception cref="ClusterUnreachableException">Nobody has answered for five minutes.</exception>
    public static async Task<RunEvent> WaitAsync(this IRunHandle run, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        var status = await run.GetStatusAsync(cancellationToken);
        if (status.Phase == RunPhase.Unknown)
        {
            throw new RunNotFoundException(run.Id);
        }

        // The final event is the last of the log: what is before it need not be read.
        await foreach (var runEvent in run.WatchAsync(Math.Max(0, status.LastSequence - 1), cancellationToken))
        {
            if (runEvent.IsFinal)
            {
                return runEvent;
            }
        }

        throw new RunNotFoundException(run.Id, "its log ended without a result");
    }
}
