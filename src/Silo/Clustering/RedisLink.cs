using Lcnn.Distributed.Client;
using StackExchange.Redis;

namespace Lcnn.Distributed.Silo.Clustering;

/// <summary>The silo's own connection to Redis, made before anything else starts.</summary>
internal sealed class RedisLink(ClusterAddress address)
{
    private IConnectionMultiplexer? _connection;

    /// <summary>The connection; the services end it.</summary>
    public IConnectionMultiplexer Connection => _connection ?? throw new InvalidOperationException("Redis is not connected yet");

    /// <summary>Connects, once Redis is known to be of use.</summary>
    public async Task<RedisFacts> ConnectAsync(CancellationToken cancellationToken)
    {
        var facts = await RedisProbe.AskAsync(address, isSilo: true, cancellationToken);
        _connection = await RedisConnections.ConnectAsync(address, cancellationToken);
        return facts;
    }
}
