using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;

namespace Lcnn.Distributed.ClusterTests.Storage;

/// <summary>A Redis of the tests' own on loopback; tests skip where redis-server is not installed.</summary>
public sealed class RedisServer : IAsyncLifetime
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private readonly string _folder = Directory.CreateTempSubdirectory("lcnn-redis-").FullName;
    private Process? _process;
    private ConnectionMultiplexer? _connection;
    private string _problem = "no Redis was started";

    /// <summary>The connection; skips the test when there is no server.</summary>
    internal IConnectionMultiplexer Connection
    {
        get
        {
            if (_connection is null && Environment.GetEnvironmentVariable("CI") == "true")
            {
                Assert.Fail(_problem);
            }

            Assert.SkipWhen(_connection is null, _problem);
            return _connection!;
        }
    }

    public async ValueTask InitializeAsync()
    {
        var port = FreePort();
        try
        {
            _process = Process.Start(new ProcessStartInfo("redis-server",
                ["--port", $"{port}", "--bind", "127.0.0.1", "--dir", _folder, "--save", "", "--appendonly", "yes", "--logfile", "redis.log"]));
        }
        catch (System.ComponentModel.Win32Exception problem)
        {
            _problem = $"redis-server cannot be started: {problem.Message}";
            return;
        }

        var options = new ConfigurationOptions { EndPoints = { { IPAddress.Loopback, port } }, AbortOnConnectFail = false, ConnectRetry = 60, AllowAdmin = true };
        _connection = await ConnectionMultiplexer.ConnectAsync(options);
        // The backlog sends it as soon as the server listens.
        await _connection.GetDatabase().PingAsync().WaitAsync(_patience);
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }

        if (_process is not null)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
