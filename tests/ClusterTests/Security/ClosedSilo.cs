using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Client.Security;
using Lcnn.Distributed.Contracts.Security;
using Lcnn.Distributed.Grains.Collectives.Routing;
using Lcnn.Distributed.Silo;
using Lcnn.Distributed.Silo.Clustering;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.ClusterTests.Security;

/// <summary>A silo as <c>lcnn silo</c> starts it, with certificates, tokens and a root for runs, and all who knock at its doors.</summary>
public sealed class ClosedSilo : IAsyncLifetime, IDisposable
{
    internal const string ViewToken = "look-but-do-not-touch";
    internal const string OperateToken = "press-all-the-buttons";

    private readonly string _folder = Directory.CreateTempSubdirectory("lcnn-closed-").FullName;
    private readonly RecordedLog _log = new();
    private IReadOnlyList<int> _ports = [];
    private IHost? _host;

    internal PrivateAuthority Authority { get; private set; } = null!;

    /// <summary>The folder that runs are allowed in.</summary>
    internal string Root => PathOf("runs");

    internal ClusterAddress Address => ClusterAddress.Localhost(GatewayPort);

    internal int SiloPort => _ports[0];

    internal int GatewayPort => _ports[1];

    internal int StreamPort => int.Parse(Hub.Local.StreamEndpoint.Split(':')[^1], System.Globalization.CultureInfo.InvariantCulture);

    internal TransportHub Hub => _host!.Services.GetRequiredService<TransportHub>();

    internal string SiloAddress => _host!.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToParsableString();

    /// <summary>What the silo said.</summary>
    internal IReadOnlyCollection<string> Log => _log.Lines;

    public async ValueTask InitializeAsync()
    {
        Authority = PrivateAuthority.Create(PathOf("ca"), "test", TimeProvider.System);
        Directory.CreateDirectory(Root);
        await File.WriteAllTextAsync(PathOf("tokens"), $"view {ViewToken}\noperate {OperateToken}\n");
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.AddProvider(_log).AddFilter("Lcnn", LogLevel.Information).AddFilter("", LogLevel.None).AddFilter("Lcnn.Distributed", LogLevel.Information);
        _ports = FreePorts.Find(2);
        var tls = Issue("silo", Role.Silo);
        builder.AddLcnnSilo(Address, silo =>
        {
            (silo.SiloPort, silo.GatewayPort, silo.PrimaryPort, silo.Slots, silo.Devices) = (SiloPort, GatewayPort, SiloPort, 2, "cpu");
            (silo.TlsFolder, silo.TokenFile, silo.RunRoots, silo.DrainTimeout) = (tls, PathOf("tokens"), Root, TimeSpan.Zero);
        });
        _host = builder.Build();
        await _host.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.StopAsync();
            _host.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
        Dispose();
    }

    public void Dispose() => _log.Dispose();

    /// <summary>A folder with a certificate of a role.</summary>
    internal string Issue(string name, Role role, TimeSpan? validFor = null)
    {
        using var issued = Authority.Issue(PathOf(name), name, role, [], validFor ?? TimeSpan.FromDays(30));
        return PathOf(name);
    }

    /// <summary>The library's client with a certificate.</summary>
    internal Task<LcnnClient> ConnectAsync(Role role) => ConnectAsync(new ConnectOptions { TlsFolder = Issue($"a-{role}", role) });

    /// <summary>The library's client with a secret, and the authority's certificate alone.</summary>
    internal Task<LcnnClient> ConnectAsync(string token)
    {
        var folder = Directory.CreateDirectory(PathOf("token-user")).FullName;
        File.Copy(Path.Combine(PathOf("ca"), TlsFolder.AuthorityFile), Path.Combine(folder, TlsFolder.AuthorityFile), overwrite: true);
        return ConnectAsync(new ConnectOptions { TlsFolder = folder, Token = token });
    }

    internal Task<LcnnClient> ConnectAsync(ConnectOptions options) => LcnnClient.ConnectAsync(Address, options with { Timeout = TimeSpan.FromSeconds(3) }, TestContext.Current.CancellationToken);

    /// <summary>What a stranger gets who speaks TLS, with a certificate or without, and then says something.</summary>
    /// <returns>How many bytes came back.</returns>
    internal static async Task<int> KnockAsync(int port, X509Certificate2? certificate, byte[] says)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
        await using var stream = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, shown, _, _) => shown is not null);
        try
        {
            await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate! });
            await stream.WriteAsync(says);
            return await stream.ReadAsync(new byte[1024]);
        }
        catch (Exception exception) when (exception is IOException or System.Security.Authentication.AuthenticationException)
        {
            return 0;
        }
    }

    private string PathOf(string name) => Path.Combine(_folder, name);

    private sealed class RecordedLog : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> _lines = new();

        public IReadOnlyCollection<string> Lines => _lines;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
