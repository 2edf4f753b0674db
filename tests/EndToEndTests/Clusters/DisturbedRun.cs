using System.Globalization;
using System.Text.Json;
using Lcnn.Distributed.EndToEndTests.Networks;

namespace Lcnn.Distributed.EndToEndTests.Clusters;

/// <summary>A Redis, some silos, and one run on them that must end as if nothing had happened (promise P1).</summary>
internal sealed class DisturbedRun : IAsyncDisposable
{
    public const int Workers = 4;

    private readonly TemporaryFolder _folder = new();
    private readonly List<SiloProcess> _silos = [];
    private readonly IReadOnlyList<string> _clientHost;
    private readonly ClusterCertificates? _certificates; // null for a cluster that is open
    private LcnnProcess? _train;

    private DisturbedRun(RedisServer redis, Training training, IReadOnlyList<string>? clientHost = null, ClusterCertificates? certificates = null) =>
        (Redis, Training, _clientHost, _certificates) = (redis, training, clientHost ?? [], certificates);

    public RedisServer Redis { get; }

    public Training Training { get; }

    public IReadOnlyList<SiloProcess> Silos => _silos;

    public LcnnProcess Train => _train ?? throw new InvalidOperationException("no run was started");

    /// <summary>For <c>LCNN_TLS</c> of whoever operates the cluster; empty for one that is open.</summary>
    public string OperatorTls => _certificates?.Operator ?? "";

    public string OutputFolder => _folder["run"];

    /// <summary>Hash of the undisturbed run's weights.</summary>
    public static Task<string> UndisturbedAsync() => Training.Digits.WeightsAsync();

    /// <summary>Starts silos of two slots each, and the run, unless it is to have no workers.</summary>
    public static Task<DisturbedRun> StartAsync(int silos, int workers = Workers, string fault = "", params string[] siloArguments) =>
        StartAsync(Training.Digits, silos, workers, fault, siloArguments);

    /// <summary>As the other, with something else to train.</summary>
    public static async Task<DisturbedRun> StartAsync(
        Training training, int silos, int workers = Workers, string fault = "", params string[] siloArguments)
    {
        var run = new DisturbedRun(await RedisServer.StartAsync(), training);
        for (var i = 0; i < silos; i++)
        {
            run._silos.Add(await SiloProcess.StartWithFaultAsync(run.Redis.Address, run._folder.Path, fault, ["--slots", "2", .. siloArguments]));
        }

        if (workers > 0)
        {
            run._train = run.Launch(workers, run.OutputFolder);
        }

        return run;
    }

    /// <summary>As the others, two silos with certificates, which go with the run.</summary>
    public static async Task<DisturbedRun> StartClosedAsync(ClusterCertificates certificates, Training training)
    {
        var run = new DisturbedRun(await RedisServer.StartAsync(), training, certificates: certificates);
        for (var i = 0; i < 2; i++)
        {
            run._silos.Add(await SiloProcess.StartAsync(run.Redis.Address, run._folder.Path, ["--slots", "2", .. run.Doors]));
        }

        run._train = run.Launch(Workers, run.OutputFolder, "--transport", "stream");
        return run;
    }

    /// <summary>As the others, over a network and with certificates: one silo on each host but the first, which has Redis and the client.</summary>
    public static Task<DisturbedRun> StartOnAsync(TestNetwork network, Training training, params IReadOnlyList<string> hosts) =>
        StartOnAsync(network, training, siloArguments: [], hosts);

    /// <summary>As the other, with arguments for every silo, and a host of its own for the client if it is named.</summary>
    public static async Task<DisturbedRun> StartOnAsync(
        TestNetwork network, Training training, IReadOnlyList<string> siloArguments, IReadOnlyList<string> hosts, string? clientHost = null)
    {
        var run = new DisturbedRun(
            await RedisServer.StartOnAsync(network.On(hosts[0]), network.AddressOf(hosts[0])), training, network.On(clientHost ?? hosts[0]),
            await ClusterCertificates.CreateAsync());
        try
        {
            foreach (var host in hosts.Skip(1))
            {
                run._silos.Add(await SiloProcess.StartOnAsync(
                    network.On(host), run.Redis.Address, run._folder.Path, fault: "", ["--slots", "2", "--advertise", network.AddressOf(host), .. run.Doors, .. siloArguments]));
            }

            run._train = run.Launch(Workers, run.OutputFolder);
            return run;
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }

    /// <summary>One more silo.</summary>
    public async Task<SiloProcess> AddSiloAsync()
    {
        var silo = await SiloProcess.StartAsync(Redis.Address, _folder.Path, "--slots", "2");
        _silos.Add(silo);
        return silo;
    }

    /// <summary>The run's command, or that of its continuation.</summary>
    public LcnnProcess Launch(int workers, string outputFolder, params string[] more) => Start(["--json", .. Arguments(workers, outputFolder), .. more]);

    /// <summary>A run that nobody watches.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> LaunchDetachedAsync()
    {
        await using var train = Start(["--detach", .. Arguments(Workers, OutputFolder)]);
        Assert.True(await train.WaitForExitAsync() == 0, $"{train}");
        return Assert.Single(train.Output);
    }

    /// <summary>Any command, of whoever has the certificates in a folder.</summary>
    public LcnnProcess StartAs(string tls, params IReadOnlyList<string> arguments) =>
        LcnnProcess.StartOn(_clientHost, _folder.Path, [.. arguments, "--tls", tls], ("LCNN_CLUSTER", Redis.Address));

    /// <summary>Watches a run from its first event on.</summary>
    public LcnnProcess Watch(string run) => LcnnProcess.Start(_folder.Path, ["watch", run, "--json"], ("LCNN_CLUSTER", Redis.Address));

    /// <summary>Waits until a step is done.</summary>
    public Task WaitForStepAsync(long step) => Train.WaitForEventAsync(line => line.Kind == "step" && line.Whole("step") >= step);

    /// <summary>The silo that coordinates the run, and one that does not but has workers of it.</summary>
    public (SiloProcess Coordinator, SiloProcess Other) Roles()
    {
        var living = _silos.Where(silo => !silo.Process.HasExited).ToList();
        var coordinator = living.Where(silo => silo.HasCoordinated).MaxBy(silo => silo.CoordinatesFrom)!;
        return (coordinator, living.First(silo => silo != coordinator));
    }

    /// <summary>Waits for the end, which must be that of the undisturbed run, with every step and sample of the history once.</summary>
    /// <returns>The changes of membership on the way.</returns>
    public Task<IReadOnlyList<JsonElement>> AssertUndisturbedResultAsync() => AssertUndisturbedResultAsync(Train);

    /// <summary>As the other, seen by a watcher.</summary>
    public async Task<IReadOnlyList<JsonElement>> AssertUndisturbedResultAsync(LcnnProcess watch)
    {
        var completed = await watch.CompletedAsync();
        Assert.Equal(await Training.WeightsAsync(), completed.Weights);
        var steps = (int)watch.OfKind("started")[0].Whole("totalSteps");
        Assert.Equal(Enumerable.Range(1, steps).Select(step => (long)step), watch.OfKind("step").Select(line => line.Whole("step")));
        Assert.Equal(Enumerable.Range(1, watch.Events.Count).Select(number => (long)number), watch.Events.Select(line => line.Whole("sequence")));
        Assert.Equal(Training.Epochs * Training.Samples, completed.GetProperty("ranks").EnumerateArray().Sum(rank => rank.Whole("samples")));
        return watch.OfKind("generation");
    }

    public async ValueTask DisposeAsync()
    {
        if (_train is not null)
        {
            await _train.DisposeAsync();
        }

        foreach (var silo in _silos)
        {
            await silo.DisposeAsync();
        }

        await Redis.DisposeAsync();
        _certificates?.Dispose();
        _folder.Dispose();
    }

    // What a silo that is reached from elsewhere is told of its doors.
    private IReadOnlyList<string> Doors => _certificates is null ? [] : ["--tls", _certificates.Silo, "--run-roots", _folder.Path];

    private LcnnProcess Start(IReadOnlyList<string> arguments) => LcnnProcess.StartOn(
        _clientHost, _folder.Path, ["train", .. arguments], ("LCNN_CLUSTER", Redis.Address), ("LCNN_TLS", OperatorTls));

    private IReadOnlyList<string> Arguments(int workers, string outputFolder) =>
        [.. Training.Arguments, "--workers", workers.ToString(CultureInfo.InvariantCulture), "--out", outputFolder];
}
