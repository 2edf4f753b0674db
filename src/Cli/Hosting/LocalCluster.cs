using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Silo.Clustering;
using Lcnn.Distributed.Silo.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>Local mode: one silo inside this process, reachable from loopback only.</summary>
internal sealed class LocalCluster : IRunHost
{
    private static readonly TimeSpan _stopTimeout = TimeSpan.FromSeconds(5);

    private readonly IHost _host;
    private readonly SweepRecords? _records;

    private LocalCluster(IHost host, SweepRecords? records)
    {
        (_host, _records) = (host, records);
        Launcher = new LcnnClient(host.Services.GetRequiredService<IGrainFactory>());
    }

    public IRunLauncher Launcher { get; }

    public static async Task<IRunHost> StartAsync(RunPlace.ThisProcess place, bool isDebugging, CancellationToken cancellationToken)
    {
        var records = TakeRecords(place.SweepMark);
        try
        {
            var ports = FreePorts.Find(2);
            return new LocalCluster(await StartSiloAsync(ports, ports[0], place.Slots, isDebugging, cancellationToken, records?.Folder), records);
        }
        catch
        {
            records?.Dispose();
            throw;
        }
    }

    /// <summary>Several silos of one cluster inside this process, the first of which keeps the membership.</summary>
    public static async Task<IReadOnlyList<IHost>> StartSilosAsync(int count, CancellationToken cancellationToken)
    {
        var silos = new List<IHost>();
        var first = FreePorts.Find(2);
        try
        {
            for (var i = 0; i < count; i++)
            {
                silos.Add(await StartSiloAsync(i == 0 ? first : FreePorts.Find(2), first[0], slots: 1, isDebugging: false, cancellationToken));
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
            await SiloHost.StopAsync(silo, _stopTimeout);
            silo.Dispose();
        }
    }

    private static Task<IHost> StartSiloAsync(IReadOnlyList<int> ports, int primaryPort, int slots, bool isDebugging, CancellationToken cancellationToken, string? records = null) =>
        SiloHost.StartAsync(
            ClusterAddress.Localhost(ports[1]),
            silo =>
            {
                (silo.Slots, silo.RecordsFolder) = (slots, records);
                (silo.SiloPort, silo.GatewayPort, silo.PrimaryPort) = (ports[0], ports[1], primaryPort);
                (silo.KeepSteps, silo.KeepTrialSteps) = (TimeSpan.MaxValue, TimeSpan.MaxValue); // what is in the user's folder is the user's
                silo.DrainTimeout = TimeSpan.Zero; // the run has ended: nothing is left to hand over
            },
            isDebugging, LogLevel.Warning, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await SiloHost.StopAsync(_host, _stopTimeout);
        _host.Dispose();
        _records?.Dispose();
    }

    private static SweepRecords? TakeRecords(string? sweepFolder)
    {
        try
        {
            return sweepFolder is null ? null : SweepRecords.Take(sweepFolder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"--out: {exception.Message}", exception);
        }
    }
}
