using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains;
using Lcnn.Distributed.Grains.Placement;
using Lcnn.Distributed.Silo;
using Lcnn.Distributed.Silo.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Persistence;
using Orleans.TestingHost;
using StackExchange.Redis;

namespace Lcnn.Distributed.ClusterTests.Sweeps.Simulation;

/// <summary>Two real silos with records in Redis: sweeps, catalogs and the queue for slots are real, the silos that have slots and the runs that take them are stand-ins.</summary>
internal sealed class SimulatedCluster : IAsyncDisposable
{
    private readonly InProcessTestCluster _cluster;

    private SimulatedCluster(InProcessTestCluster cluster, StandInSilos silos, StandInRuns runs) => (_cluster, Silos, Runs) = (cluster, silos, runs);

    public StandInSilos Silos { get; }

    public StandInRuns Runs { get; }

    public LcnnClient Client => new(Grains);

    /// <summary>As a silo that lives calls grains.</summary>
    public IGrainFactory Grains => Service<IGrainFactory>();

    /// <summary>A service of a silo that lives.</summary>
    public T Service<T>()
        where T : class => _cluster.Silos.Last(silo => silo.IsActive).ServiceProvider.GetRequiredService<T>();

    public static async Task<SimulatedCluster> StartAsync(IConnectionMultiplexer redis, int silos, int slots, CancellationToken cancellationToken)
    {
        SimulatedCluster? simulated = null;
        var standIns = new StandInSilos(silos, slots);
        var runs = new StandInRuns(standIns, () => simulated!.Grains);
        var builder = new InProcessTestClusterBuilder(2);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.AddLcnn().AddRedisGrainStorage(
                GrainStorageNames.Lcnn,
                (OptionsBuilder<RedisStorageOptions> storage) => storage.Configure<MessagePackStorageSerializer>((options, serializer) =>
                {
                    options.CreateMultiplexer = _ => Task.FromResult((redis, true));
                    options.ConfigurationOptions = ConfigurationOptions.Parse(redis.Configuration);
                    options.GrainStorageSerializer = serializer;
                }));
            silo.Services.SayPlainlyWhatRedisDoes();
            silo.Services.AddSingleton(redis).AddRedisEventLogs();
            silo.Services.AddSingleton<SlotSilos>(services => new StandInSilos.Members(standIns, services.GetRequiredService<IClusterMembershipService>()));
            silo.Services.AddSingleton<IOutgoingGrainCallFilter>(new Answers(standIns, runs));
        });
        builder.ConfigureSiloHost((_, host) => host.Logging.SetMinimumLevel(LogLevel.Critical));
        var cluster = builder.Build();
        await cluster.DeployAsync(cancellationToken);
        return simulated = new SimulatedCluster(cluster, standIns, runs);
    }

    /// <summary>Kills the silo of a grain, and tells the others at once instead of waiting for their probes to fail.</summary>
    public async Task KillSiloOfAsync(IAddressable grain, CancellationToken cancellationToken)
    {
        Assert.True(_cluster.TryGetGrainContext(grain.GetGrainId(), out var context), "not active");
        var killed = _cluster.GetSiloForAddress(context.Address.SiloAddress!)!;
        await _cluster.KillSiloAsync(killed, cancellationToken);
        Assert.True(await Service<IClusterMembershipService>().TryKill(killed.SiloAddress));
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    private sealed class Answers(StandInSilos silos, StandInRuns runs) : IOutgoingGrainCallFilter
    {
        public async Task Invoke(IOutgoingGrainCallContext context)
        {
            var key = context.TargetId.Key.ToString()!;
            if (context.InterfaceMethod.DeclaringType == typeof(ISiloSlotsGrain))
            {
                context.Result = silos.Answer(key, context.MethodName, context.Request.GetArgument);
            }
            else if (context.InterfaceMethod.DeclaringType == typeof(IRunCoordinatorGrain))
            {
                context.Result = await runs.AnswerAsync(key, context.MethodName, context.Request.GetArgument);
            }
            else
            {
                await context.Invoke();
            }
        }
    }
}
