using Lcnn.Distributed.Client;
using Lcnn.Distributed.Silo.Clustering;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>Local mode: one silo inside this process, reachable from loopback only.</summary>
internal sealed class LocalCluster : IRunHost
{
    private static readonly TimeSpan _stopTimeout = TimeSpan.FromSeconds(5);

    private readonly IHost _host;

    private LocalCluster(IHost host)
    {
        _host = host;
        Launcher = new LcnnClient(host.Services.GetRequiredService<IGrainFactory>());
    }

    public IRunLauncher Launcher { get; }

    public static async Task<IRunHost> StartAsync(int slots, bool isDebugging, CancellationToken cancellationToken)
    {
        var ports = FreePorts.Find(2);
        return new LocalCluster(await SiloHost.StartAsync(
            ClusterAddress.Localhost(ports[1]),
            silo =>
            {
                silo.Slots = slots;
                (silo.SiloPort, silo.GatewayPort, silo.PrimaryPort) = (ports[0], ports[1], ports[0]);
                silo.DrainTimeout = TimeSpan.Zero; // the run has ended: nothing is left to hand over
            },
            isDebugging, LogLevel.Warning, cancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        await SiloHost.StopAsync(_host, _stopTimeout);
        _host.Dispose();
    }
}
