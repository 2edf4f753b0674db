using System.Globalization;
using System.Text.Json;

namespace Lcnn.Distributed.EndToEndTests.Clusters;

/// <summary>A Redis, some silos, and one run on them that must end as if nothing had happened (promise P1).</summary>
internal sealed class DisturbedRun : IAsyncDisposable
{
    public const int Workers = 4;
    private const int Steps = 6 * 23;

    private static readonly string[] _spec =
        ["--epochs", "6", "--shards", "4", "--snapshot-every", "20", "--curvature-samples", "0", "--seed", "3"];

    // The same spec with one worker in one process, nothing disturbed.
    private static readonly Lazy<Task<string>> _undisturbed = new(async () =>
    {
        using var folder = new TemporaryFolder();
        var completed = await RunEvents.TrainAsync([.. _spec, "--workers", "1", "--out", folder["run"]]);
        return completed.Weights;
    });

    private readonly TemporaryFolder _folder = new();
    private readonly List<SiloProcess> _silos = [];
    private LcnnProcess? _train;

    private DisturbedRun(RedisServer redis) => Redis = redis;

    public RedisServer Redis { get; }

    public IReadOnlyList<SiloProcess> Silos => _silos;

    public LcnnProcess Train => _train ?? throw new InvalidOperationException("no run was started");

    public string OutputFolder => _folder["run"];

    /// <summary>Hash of the undisturbed run's weights.</summary>
    public static Task<string> UndisturbedAsync() => _undisturbed.Value;

    /// <summary>Starts silos of two slots each, and the run, unless it is to have no workers.</summary>
    public static async Task<DisturbedRun> StartAsync(int silos, int workers = Workers, string fault = "", params string[] siloArguments)
    {
        var run = new DisturbedRun(await RedisServer.StartAsync());
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

    /// <summary>One more silo.</summary>
    public async Task<SiloProcess> AddSiloAsync()
    {
        var silo = await SiloProcess.StartAsync(Redis.Address, _folder.Path, "--slots", "2");
        _silos.Add(silo);
        return silo;
    }

    /// <summary>The run's command, or that of its continuation.</summary>
    public LcnnProcess Launch(int workers, string outputFolder, params string[] more) => LcnnProcess.Start(
        _folder.Path, ["train", "--json", .. _spec, "--workers", workers.ToString(CultureInfo.InvariantCulture), "--out", outputFolder, .. more],
        ("LCNN_CLUSTER", Redis.Address));

    /// <summary>Waits until a step is done.</summary>
    public Task WaitForStepAsync(long step) => Train.WaitForEventAsync(line => line.Kind == "step" && line.Whole("step") >= step);

    /// <summary>The silo that coordinates the run, and one that does not but has workers of it.</summary>
    public (SiloProcess Coordinator, SiloProcess Other) Roles()
    {
        var coordinator = _silos.Single(silo => silo.HasCoordinated);
        return (coordinator, _silos.First(silo => silo != coordinator));
    }

    /// <summary>Waits for the end, which must be that of the undisturbed run, with every step and sample of the history once.</summary>
    /// <returns>The changes of membership on the way.</returns>
    public async Task<IReadOnlyList<JsonElement>> AssertUndisturbedResultAsync()
    {
        var completed = await Train.CompletedAsync();
        Assert.Equal(await _undisturbed.Value, completed.Weights);
        Assert.Equal(Enumerable.Range(1, Steps).Select(step => (long)step), Train.OfKind("step").Select(line => line.Whole("step")));
        Assert.Equal(Enumerable.Range(1, Train.Events.Count).Select(number => (long)number), Train.Events.Select(line => line.Whole("sequence")));
        Assert.Equal(6 * 1437, completed.GetProperty("ranks").EnumerateArray().Sum(rank => rank.Whole("samples")));
        return Train.OfKind("generation");
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
        _folder.Dispose();
    }
}
