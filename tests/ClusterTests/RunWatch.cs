using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.ClusterTests;

/// <summary>Waits for events of a run; what does not come is named.</summary>
internal static class RunWatch
{
    /// <summary>How long a test waits before it calls an event missing.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromMinutes(2);

    /// <summary>Every event after a position, to the final one.</summary>
    public static async Task<List<RunEvent>> EventsAsync(this IRunHandle run, long after = 0)
    {
        var events = new List<RunEvent>();
        await run.FollowAsync("a final event", after, runEvent =>
        {
            events.Add(runEvent);
            return runEvent.IsFinal;
        });
        return events;
    }

    /// <summary>The final event.</summary>
    public static async Task<RunEvent> EndAsync(this IRunHandle run) => (await run.EventsAsync())[^1];

    /// <summary>The first event of a kind.</summary>
    public static async Task<T> FirstAsync<T>(this IRunHandle run, Func<T, bool>? isWanted = null)
        where T : RunEvent =>
        (T)await run.FollowAsync(typeof(T).Name, 0, runEvent => runEvent is T candidate && (isWanted?.Invoke(candidate) ?? true));

    private static async Task<RunEvent> FollowAsync(this IRunHandle run, string wanted, long after, Func<RunEvent, bool> isWanted)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(Patience);
        RunEvent? last = null;
        try
        {
            await foreach (var runEvent in run.WatchAsync(after, timeout.Token))
            {
                last = runEvent;
                if (isWanted(runEvent))
                {
                    return runEvent;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Told below, with what came instead.
        }

        throw new TimeoutException($"{run.Id}: {wanted} did not come; the last event was {last?.ToString() ?? "none"}");
    }
}
