using System.Net;
using Lcnn.Distributed.EndToEndTests.Clusters;
using StackExchange.Redis;

namespace Lcnn.Distributed.ClusterTests.Storage;

/// <summary>A Redis for the tests of a class.</summary>
public sealed class RedisFixture : IAsyncLifetime
{
    private RedisServer? _server;
    private ConnectionMultiplexer? _connection;

    /// <summary>The connection; skips the test where there is no server.</summary>
    internal IConnectionMultiplexer Connection
    {
        get
        {
            RedisServer.SkipUnlessInstalled();
            return _connection!;
        }
    }

    public async ValueTask InitializeAsync()
    {
        if (RedisServer.IsInstalled)
        {
            _server = await RedisServer.StartAsync();
            _connection = await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions { EndPoints = { { IPAddress.Loopback, _server.Port } }, AllowAdmin = true });
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _connection!.DisposeAsync();
            await _server.DisposeAsync();
        }
    }
}
