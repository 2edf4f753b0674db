using Lcnn.Distributed.Client;
using StackExchange.Redis;

namespace Lcnn.Distributed.Silo.Clustering;

/// <summary>The silo's own connection to Redis, made before anything else starts.</summary>
internal sealed class RedisLink(ClusterAddress address)
{
    private IConnectionMultiplexer? _connection;

    /// <summary>The connection; the services end it.</summary>
    public IConnectionMultiplexer Connection => _connection ?? throw new InvalidOperationException("Redis is not connected yet");

    public async Task ConnectAsync(CancellationToken cancellationToken) =>
        _connection = await RedisConnections.ConnectAsync(address, cancellationToken);
}
