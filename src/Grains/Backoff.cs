namespace Lcnn.Distributed.Grains;

/// <summary>How long to wait before something that failed is tried again: doubling from 50 ms to 1 s.</summary>
internal static class Backoff
{
    private const int FirstMilliseconds = 50;
    private const int LongestMilliseconds = 1_000;

    /// <summary>The delay after a failed attempt, counted from 0.</summary>
    public static TimeSpan After(int attempt) =>
        TimeSpan.FromMilliseconds(attempt > 4 ? LongestMilliseconds : FirstMilliseconds << attempt);

    /// <summary>Waits that long, or until cancelled: neither throws.</summary>
    public static async Task WaitAsync(int attempt, TimeProvider clock, CancellationToken cancellationToken) =>
        await Task.Delay(After(attempt), clock, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
}
