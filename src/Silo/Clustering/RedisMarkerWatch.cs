using Lcnn.Distributed.Client;
using Lcnn.Distributed.Grains.Storage;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Lcnn.Distributed.Silo.Clustering;

/// <summary>Tells a Redis that was emptied, which ends the cluster, from one that cannot be reached, which does not.</summary>
internal sealed partial class RedisMarkerWatch(ClusterAddress address, IRedisMarker marker, SiloFault fault, StoreReach reach, TimeProvider clock, ILogger<RedisMarkerWatch> logger)
{
    private static readonly TimeSpan _period = TimeSpan.FromSeconds(1);

    private bool _isReachable = true;

    /// <summary>Looks every second until the marker is gone.</summary>
    public async Task RunAsync(string expected, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(_period, clock);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            if (!await IsIntactAsync(expected))
            {
                fault.Report(
                    $"the Redis of {address} was emptied: the records of all runs are gone and this silo stops; start the silos again and go on with 'lcnn train --resume' from the snapshot folder");
                return;
            }
        }
    }

    private async Task<bool> IsIntactAsync(string expected)
    {
        try
        {
            var found = await marker.ReadAsync();
            reach.Note(isReached: true);
            if (!_isReachable)
            {
                _isReachable = true;
                LogReachable(address);
            }

            return found == expected;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            reach.Note(isReached: false);
            if (_isReachable)
            {
                _isReachable = false;
                LogUnreachable(address);
            }

            return true;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The Redis of {Address} cannot be reached: training goes on, snapshots wait to be committed, nothing can be started")]
    private partial void LogUnreachable(ClusterAddress address);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The Redis of {Address} is back")]
    private partial void LogReachable(ClusterAddress address);
}
