using Lcnn.Distributed.Client;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Silo.Clustering;

/// <summary>Waits for a Redis that starts beside the silo, whose name may not be known yet either.</summary>
public static partial class RedisArrival
{
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    /// <summary>Returns once it can be used.</summary>
    /// <exception cref="ClusterUnreachableException">It cannot at the end of that time; the message says why.</exception>
    public static async Task AwaitAsync(ClusterAddress address, TimeSpan time, TimeProvider clock, ILogger logger, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(clock);
        var since = clock.GetTimestamp();
        var told = "";
        while (true)
        {
            try
            {
                await RedisProbe.AskAsync(address, isSilo: true, cancellationToken);
                return;
            }
            catch (ClusterUnreachableException exception) when (clock.GetElapsedTime(since) < time)
            {
                if (told != exception.Message)
                {
                    told = exception.Message;
                    LogWaits(logger, told, time.TotalSeconds);
                }

                await Task.Delay(_pause, clock, cancellationToken);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Not yet: {Problem}; waiting for it for up to {Seconds:0} s")]
    private static partial void LogWaits(ILogger logger, string problem, double seconds);
}
