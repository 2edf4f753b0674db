using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.EventLogs;
using Lcnn.Distributed.Silo;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Core.Internal;
using Orleans.TestingHost;

namespace Lcnn.Distributed.ClusterTests;

/// <summary>One silo in this process, shared by every test: runs are told apart by their ids.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lcnn-cluster-").FullName;
    private InProcessTestCluster? _cluster;

    internal CallGates Gates { get; } = new();

    internal LcnnClient Client => new(_cluster!.Client);

    /// <summary>What a client calls grains by.</summary>
    internal IGrainFactory ClientGrains => _cluster!.Client;

    /// <summary>What the silo itself calls grains by.</summary>
    internal IGrainFactory Grains => SiloServices.GetRequiredService<IGrainFactory>();

    /// <summary>Services of the silo's host, which has a client of its own.</summary>
    internal IServiceProvider SiloServices => _cluster!.Silos[0].ServiceProvider;

    public async ValueTask InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) => silo.AddLcnn().AddIncomingGrainCallFilter(Gates));
        builder.ConfigureSiloHost((_, host) => host.AddLcnnClient().Logging.SetMinimumLevel(LogLevel.Error));
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A fresh folder.</summary>
    internal string NewFolder() => Directory.CreateDirectory(Path.Combine(_folder, Guid.NewGuid().ToString("N"))).FullName;

    /// <summary>Two epochs of two steps; everything is small, nothing is left out but curvature.</summary>
    internal RunSpec SmallSpec() => Recipes.Default() with
    {
        Epochs = 2,
        BatchSize = 32,
        LogicalShards = 2,
        Workers = 2,
        ThreadsPerWorker = 1,
        TrainLimit = 64,
        CurvatureSamples = 0,
        Schedule = "constant",
        OutputDirectory = NewFolder(),
    };

    /// <summary>As <see cref="SmallSpec"/>, but it ends on request only.</summary>
    internal RunSpec EndlessSpec() => SmallSpec() with { Epochs = 1_000_000 };

    /// <summary>Starts a run under an id of the test's choice.</summary>
    internal async Task<IRunHandle> StartAsync(string id, RunSpec spec)
    {
        await Grains.GetGrain<IRunCoordinatorGrain>(id).StartAsync(spec, TestContext.Current.CancellationToken);
        return Client.Find(id);
    }

    /// <summary>Address of the silo.</summary>
    internal string Silo => _cluster!.Silos[0].SiloAddress.ToParsableString();

    /// <summary>Waits until a grain is not active any more.</summary>
    internal Task GoneAsync(IAddressable grain) => _cluster!.TryGetGrainContext(grain.GetGrainId(), out var context)
        ? context.Deactivated.WaitAsync(RunWatch.Patience, TestContext.Current.CancellationToken)
        : Task.CompletedTask;

    /// <summary>Forgets all but the newest events of a log whose grain is done, and has the grain begin anew.</summary>
    internal async Task CutLogAsync<TEvent>(string id, int keep, IGrain grain)
        where TEvent : class, INumberedEvent
    {
        var logs = SiloServices.GetRequiredService<IEventLogStore<TEvent>>();
        var newest = await logs.ReadBeforeAsync(id, long.MaxValue, keep, TestContext.Current.CancellationToken);
        await logs.TrimAsync(id, logged => logged.Sequence >= newest[0].Sequence, TestContext.Current.CancellationToken);
        await grain.AsReference<IGrainManagementExtension>().DeactivateOnIdle();
        await GoneAsync(grain);
    }

    /// <summary>Runs to the end.</summary>
    internal async Task<RunCompleted> CompleteAsync(RunSpec spec)
    {
        var run = await Client.StartAsync(spec, TestContext.Current.CancellationToken);
        var end = await run.EndAsync();
        return end as RunCompleted ?? throw new InvalidOperationException($"{run.Id} did not complete: {end}");
    }
}

[CollectionDefinition(nameof(ClusterFixture))]
public sealed class ClusterTestGroup : ICollectionFixture<ClusterFixture>;
