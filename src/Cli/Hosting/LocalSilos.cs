using System.Globalization;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Silo.Clustering;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>Silo processes of this same program on loopback, for one run; they end with it.</summary>
internal sealed class LocalSilos : IRunHost
{
    private readonly List<SiloChild> _children = [];
    private IRunHost? _connection;

    private LocalSilos()
    {
    }

    public IRunLauncher Launcher => _connection!.Launcher;

    public Task<string> Lost { get; private set; } = Task.FromResult("");

    public static async Task<IRunHost> StartAsync(RunPlace.LocalSilos place, bool isDebugging, CancellationToken cancellationToken)
    {
        var silos = new LocalSilos();
        try
        {
            var ports = FreePorts.Find(2 * place.Count);
            var address = place.Redis ?? ClusterAddress.Localhost(ports[1]);
            silos.StartChild(place, address, ports, 0);
            await silos._children[0].WaitUntilReadyAsync(cancellationToken); // without Redis the others need it
            for (var index = 1; index < place.Count; index++)
            {
                silos.StartChild(place, address, ports, index);
            }

            await Task.WhenAll(silos._children.Select(child => child.WaitUntilReadyAsync(cancellationToken)));
            silos._connection = await RunHosts.ConnectAsync(address, isDebugging, cancellationToken, new ClusterAccess(place.TlsFolder, Token: null));
            silos.Lost = silos.WaitForLossAsync(place);
            return silos;
        }
        catch
        {
            await silos.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }

        // The first one last: without Redis the others say goodbye to it.
        await Task.WhenAll(_children.Skip(1).Select(child => child.DisposeAsync().AsTask()));
        await Task.WhenAll(_children.Take(1).Select(child => child.DisposeAsync().AsTask()));
    }

    private async Task<string> WaitForLossAsync(RunPlace.LocalSilos place)
    {
        if (place.Redis is null)
        {
            await _children[0].WaitForExitAsync();
            return "the first silo has ended, and without Redis the run with it; go on from its folder with --resume";
        }

        await Task.WhenAll(_children.Select(child => child.WaitForExitAsync()));
        return "all silos have ended; go on from the run's folder with --resume";
    }

    private void StartChild(RunPlace.LocalSilos place, ClusterAddress address, IReadOnlyList<int> ports, int index) => _children.Add(SiloChild.Start(
        $"local-{index + 1}",
        [
            "--slots", Text(place.SlotsEach), "--advertise", "127.0.0.1", "--silo-port", Text(ports[2 * index]),
            "--gateway-port", Text(ports[(2 * index) + 1]), "--primary-port", Text(ports[0]),
            .. place.TlsFolder is { } tls ? ["--tls", tls] : Array.Empty<string>(),
        ],
        address.Reveal()));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
