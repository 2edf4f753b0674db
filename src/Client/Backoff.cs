using System.Net.Sockets;
using Lcnn.Distributed.Contracts.Runs;
using Microsoft.Extensions.Logging;
using Orleans.Serialization;
using StackExchange.Redis;

namespace Lcnn.Distributed.Client;

/// <summary>Pauses between attempts: short at first, and an end to all patience.</summary>
internal sealed partial class Backoff(string what, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan _first = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(5);

    private TimeSpan _pause = _first;
    private long? _since;

    /// <summary>Whether the last attempt failed.</summary>
    public bool IsTrying => _since is not null;

    /// <summary>Whether the same call may succeed later: a connection, a silo or the silo's Redis was lost, and the argument is not to blame.</summary>
    public static bool IsTransient(Exception exception) => exception switch
    {
        OrleansException or TimeoutException or IOException or SocketException or EnumerationAbortedException or RedisException => true,
        // The first from a coordinator that leaves its silo: whoever gives up himself asks his own token.
        OperationCanceledException or CoordinatorReplacedException or StoreAwayException => true,
        // What a client without the silo's libraries sees of their errors.
        UnavailableExceptionFallbackException unknown => unknown.ExceptionType?.Contains("Redis", StringComparison.Ordinal) == true,
        _ => false,
    };

    /// <summary>An attempt brought something: the next failure begins with the shortest pause.</summary>
    public void Reset()
    {
        if (IsTrying)
        {
            LogBack(what);
            (_pause, _since) = (_first, null);
        }
    }

    /// <summary>Somebody is there, though there is nothing new: patience begins anew.</summary>
    public void Hear() => _since = IsTrying ? clock.GetTimestamp() : null;

    /// <summary>Waits before the next attempt.</summary>
    /// <exception cref="ClusterUnreachableException">There were enough of them.</exception>
    public async Task WaitAsync(Exception cause, CancellationToken cancellationToken)
    {
        if (!IsTrying)
        {
            if (cause is StoreAwayException)
            {
                LogHeldUp(what, cause.Message);
            }
            else
            {
                LogLost(what, _patience.TotalMinutes, Reason(cause));
            }
        }

        var since = _since ??= clock.GetTimestamp();
        if (clock.GetElapsedTime(since) > _patience)
        {
            throw new ClusterUnreachableException(
                cause is StoreAwayException ? $"{what}: {cause.Message}; given up after {_patience.TotalMinutes:0} minutes"
                    : $"the cluster has not answered for {_patience.TotalMinutes:0} minutes: {Reason(cause)}", cause);
        }

        await Task.Delay(_pause, clock, cancellationToken);
        _pause = TimeSpan.FromTicks(Math.Min(2 * _pause.Ticks, _longest.Ticks));
    }

    // Orleans names the whole message that was lost.
    private static string Reason(Exception cause) =>
        cause is TimeoutException && cause.Message.StartsWith("Response did not arrive", StringComparison.Ordinal) ? "no answer in time"
        : cause is SiloUnavailableException ? "its silo is gone"
        : RedisProblems.InShort(cause) ?? cause.Message.ReplaceLineEndings(" ");

    [LoggerMessage(Level = LogLevel.Warning, Message = "{What}: the cluster does not answer, trying again for {Minutes} minutes ({Cause})")]
    private partial void LogLost(string what, double minutes, string cause);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{What}: {Problem}")]
    private partial void LogHeldUp(string what, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{What}: the cluster answers again")]
    private partial void LogBack(string what);
}
