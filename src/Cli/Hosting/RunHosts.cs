using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Client;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>Opens the place that a command asks for.</summary>
internal static class RunHosts
{
    public static async Task<IRunHost> OpenAsync(RunPlace place, bool isDebugging, CancellationToken cancellationToken) => place switch
    {
        RunPlace.ThisProcess here => await LocalCluster.StartAsync(here, isDebugging, cancellationToken),
        RunPlace.Cluster cluster => await ConnectAsync(cluster.Address, isDebugging, cancellationToken, cluster.Access),
        RunPlace.LocalSilos silos => await LocalSilos.StartAsync(silos, isDebugging, cancellationToken),
        _ => throw new ArgumentOutOfRangeException(nameof(place)),
    };

    internal static async Task<IRunHost> ConnectAsync(
        ClusterAddress address, bool isDebugging, CancellationToken cancellationToken, ClusterAccess? access = null)
    {
        var options = new ConnectOptions { Logging = logging => logging.AddLcnnConsole(isDebugging), TlsFolder = access?.TlsFolder, Token = access?.Token };
        return new Connection(await LcnnClient.ConnectAsync(address, options, cancellationToken));
    }

    private sealed class Connection(LcnnClient client) : IRunHost
    {
        public IRunLauncher Launcher => client;

        public ValueTask DisposeAsync() => client.DisposeAsync();
    }
}
