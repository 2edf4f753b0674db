namespace Lcnn.Distributed.Client;

/// <summary>Pauses between attempts: short at first, and an end to all patience.</summary>
internal sealed class Backoff(TimeProvider clock)
{
    private static readonly TimeSpan _first = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(5);

    private TimeSpan _pause = _first;
    private long? _since;

    /// <summary>Whether the last attempt failed.</summary>
    public bool IsTrying => _since is not null;

    /// <summary>Whether the same call may succeed later: the connection or the silo was lost, not the argument.</summary>
    public static bool IsTransient(Exception exception) => exception is OrleansException or TimeoutException or IOException
        or System.Net.Sockets.SocketException or EnumerationAbortedException or Orleans.Serialization.UnavailableExceptionFallbackException;

    /// <summary>An attempt brought something.</summary>
    public void Reset() => (_pause, _since) = (_first, null);

    /// <summary>Waits before the next attempt.</summary>
    /// <exception cref="ClusterUnreachableException">There were enough of them.</exception>
    public async Task WaitAsync(Exception cause, CancellationToken cancellationToken)
    {
        var since = _since ??= clock.GetTimestamp();
        if (clock.GetElapsedTime(since) > _patience)
        {
            throw new ClusterUnreachableException($"the cluster has not answered for {_patience.TotalMinutes:0} minutes: {cause.Message}", cause);
        }

        await Task.Delay(_pause, clock, cancellationToken);
        _pause = TimeSpan.FromTicks(Math.Min(2 * _pause.Ticks, _longest.Ticks));
    }
}
