using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Grains;
using Lcnn.Distributed.Grains.Placement;
using Lcnn.Distributed.Grains.Runs;
using Lcnn.Distributed.Silo;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.TestingHost;

namespace Lcnn.Distributed.ClusterTests.Runs;

/// <summary>Orleans collects grains that nobody calls: not those of a run, whose workers train on threads of their own.</summary>
[Collection(nameof(OwnTraining))]
public sealed class CollectionTests : IAsyncLifetime
{
    private const int Rounds = 2;
    private static readonly TimeSpan _age = TimeSpan.FromSeconds(TestTier.IsLong ? 60 : 2);

    private readonly string _folder = Directory.CreateTempSubdirectory("lcnn-collection-").FullName;
    private InProcessTestCluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) => silo.AddLcnn().Services
            .Configure<PlacementOptions>(options => (options.Slots, options.Devices) = (2, "cpu"))
            .Configure<RunOptions>(options => (options.PulseInterval, options.WaitingNotice) = (TimeSpan.FromMinutes(1), TimeSpan.Zero)) // no calls in between
            .Configure<GrainCollectionOptions>(options => (options.CollectionAge, options.CollectionQuantum) = (_age, _age / 4)));
        builder.ConfigureSiloHost((_, host) => host.Logging.SetMinimumLevel(LogLevel.Critical));
        _cluster = builder.Build();
        await _cluster.DeployAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Runs_TrainingAndWaitingBeyondTheCollectionAge_KeepTheirGrains()
    {
        var client = new LcnnClient(_cluster.Client);
        var training = await client.StartAsync(Spec("training"), TestContext.Current.CancellationToken);
        await training.FirstAsync<StepCompleted>();
        var waiting = await client.StartAsync(Spec("waiting") with { Epochs = 1 }, TestContext.Current.CancellationToken);
        await waiting.FirstAsync<RunWaiting>();
        var grains = GrainsOf(training.Id, waiting.Id).Select(ContextOf).ToList();

        for (var round = 0; round < Rounds; round++)
        {
            await AwaitCollectionAsync($"nobody-{round}");
        }

        Assert.All(grains, grain => Assert.False(grain.Deactivated.IsCompleted, $"{grain.GrainId} was collected"));
        Assert.Equal(1, (await training.GetStatusAsync(TestContext.Current.CancellationToken)).Generation);
        await training.CancelAsync("the test has seen enough", TestContext.Current.CancellationToken);
        Assert.Empty((await training.EventsAsync()).OfType<GenerationChanged>());
        Assert.IsType<RunCompleted>(await waiting.EndAsync());
    }

    // A grain like any other, called once.
    private async Task AwaitCollectionAsync(string name)
    {
        var canary = _cluster.Client.GetGrain<IRunCoordinatorGrain>(name);
        await canary.GetStatusAsync(TestContext.Current.CancellationToken);
        await ContextOf(canary).Deactivated.WaitAsync(RunWatch.Patience, TestContext.Current.CancellationToken);
    }

    private IEnumerable<IGrain> GrainsOf(string training, string waiting)
    {
        var (grains, silo) = (_cluster.Client, _cluster.Silos[0].SiloAddress.ToParsableString());
        return [
            grains.GetGrain<IRunCoordinatorGrain>(training),
            grains.GetGrain<IRunCoordinatorGrain>(waiting),
            grains.GetGrain<IWorkerGrain>(GrainKeys.Worker(training, 1, 0, silo)),
            grains.GetGrain<IWorkerGrain>(GrainKeys.Worker(training, 1, 1, silo)),
            grains.GetGrain<ISiloSlotsGrain>(GrainKeys.SiloSlots(silo)),
        ];
    }

    private IGrainContext ContextOf(IGrain grain) => _cluster.TryGetGrainContext(grain.GetGrainId(), out var context)
        ? context
        : throw new InvalidOperationException($"{grain.GetGrainId()} is not active");

    private RunSpec Spec(string name) => Recipes.Default() with
    {
        Epochs = 1_000_000,
        BatchSize = 32,
        LogicalShards = 2,
        Workers = 2,
        ThreadsPerWorker = 1,
        TrainLimit = 64,
        CurvatureSamples = 0,
        Schedule = "constant",
        OutputDirectory = Path.Combine(_folder, name),
    };
}
