using Lcnn.Distributed.Client;
using Lcnn.Distributed.Grains.Storage;
using Lcnn.Distributed.Silo.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Lcnn.Distributed.Silo.Clustering;

/// <summary>Watches the marker in Redis for as long as the silo lives; the silo does not start without it.</summary>
internal sealed partial class RedisMarkerService(
    ClusterAddress address, RedisLink redis, IOptions<SiloOptions> options, SiloFault fault, StoreReach reach, TimeProvider clock,
    ILogger<RedisMarkerWatch> logger) : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _watching = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var facts = await redis.ConnectAsync(cancellationToken);
        if (facts.Evicts)
        {
            LogEvicts(address, facts.EvictionPolicy);
        }

        var marker = new RedisMarker(redis.Connection.GetDatabase(), options.Value.ClusterId);
        try
        {
            var expected = await marker.EnsureAsync();
            _watching = new RedisMarkerWatch(address, marker, fault, reach, clock, logger).RunAsync(expected, _stopping.Token);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            throw new ClusterUnreachableException($"the Redis of {address} does not take our marker: {exception.Message.Split(',')[0]}", exception);
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _watching.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    public void Dispose() => _stopping.Dispose();

    [LoggerMessage(Level = LogLevel.Warning, Message = "The Redis of {Address} evicts keys once its memory is full, and runs are lost with their records: set its 'maxmemory-policy' to noeviction, it is {Policy}")]
    private partial void LogEvicts(ClusterAddress address, string policy);
}
