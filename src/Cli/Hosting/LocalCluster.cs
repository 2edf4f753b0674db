using System.Net;
using System.Net.Sockets;
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Silo;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>Local mode: one silo inside this process, reachable from loopback only.</summary>
internal sealed class LocalCluster : ILocalHost
{
    private static readonly TimeSpan _stopTimeout = TimeSpan.FromSeconds(5);

    private readonly IHost _host;

    private LocalCluster(IHost host)
    {
        _host = host;
        Launcher = new LcnnClient(host.Services.GetRequiredService<IGrainFactory>());
    }

    public IRunLauncher Launcher { get; }

    public static async Task<ILocalHost> StartAsync(LogLevel logLevel, CancellationToken cancellationToken)
    {
        var host = Build(logLevel, FreePorts(), primary: null);
        try
        {
            await host.StartAsync(cancellationToken);
            return new LocalCluster(host);
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <summary>Several silos of one cluster inside this process, the first of which keeps the membership.</summary>
    public static async Task<IReadOnlyList<IHost>> StartSilosAsync(int count, CancellationToken cancellationToken)
    {
        var silos = new List<IHost>();
        var primary = FreePorts();
        try
        {
            for (var i = 0; i < count; i++)
            {
                silos.Add(Build(LogLevel.Warning, i == 0 ? primary : FreePorts(), new IPEndPoint(IPAddress.Loopback, primary.Silo)));
                await silos[i].StartAsync(cancellationToken);
            }

            return silos;
        }
        catch
        {
            await StopAsync(silos);
            throw;
        }
    }

    /// <summary>Ends silos, the first one last.</summary>
    public static async Task StopAsync(IReadOnlyList<IHost> silos)
    {
        foreach (var silo in silos.Reverse())
        {
            using var timeout = new CancellationTokenSource(_stopTimeout);
            await silo.StopAsync(timeout.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            silo.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var timeout = new CancellationTokenSource(_stopTimeout);
        try
        {
            await _host.StopAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            // The process ends next; a silo that nobody else can reach need not say goodbye.
        }

        _host.Dispose();
    }

    private static IHost Build(LogLevel logLevel, (int Silo, int Gateway) ports, IPEndPoint? primary)
    {
        // Without the defaults: an appsettings.json in the user's folder is none of our business.
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging
            .SetMinimumLevel(logLevel)
            .AddFilter("Orleans.Runtime.Silo", LogLevel.Error) // warns about the garbage collector, which is chosen for a program
            .AddFilter("Orleans.Runtime.MembershipService.LocalSiloHealthMonitor", LogLevel.Error) // a busy machine is no news to its user
            .AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error) // takes the machine's uptime for a stall if stopped early
            .AddSimpleConsole(console => console.SingleLine = true);
        builder.Services
            .Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace)
            .AddSingleton<IHostLifetime, SilentLifetime>();
        builder.UseOrleans(silo => silo.UseLocalhostClustering(ports.Silo, ports.Gateway, primary)
            .Configure<EndpointOptions>(endpoints =>
            {
                endpoints.AdvertisedIPAddress = IPAddress.Loopback;
                endpoints.SiloListeningEndpoint = new IPEndPoint(IPAddress.Loopback, ports.Silo);
                endpoints.GatewayListeningEndpoint = new IPEndPoint(IPAddress.Loopback, ports.Gateway);
            })
            .AddLcnn());
        return builder.Build();
    }

    private static (int Silo, int Gateway) FreePorts()
    {
        // Both listeners live until both ports are known, so that the two differ.
        using var first = new TcpListener(IPAddress.Loopback, 0);
        using var second = new TcpListener(IPAddress.Loopback, 0);
        first.Start();
        second.Start();
        return (((IPEndPoint)first.LocalEndpoint).Port, ((IPEndPoint)second.LocalEndpoint).Port);
    }

    // Signals belong to the command: they stop the run first, then the host.
    private sealed class SilentLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
