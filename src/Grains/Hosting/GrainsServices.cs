using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Data.Catalog;
using Lcnn.Distributed.Data.Claims;
using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Grains.Collectives.Routing;
using Lcnn.Distributed.Grains.EventLogs;
using Lcnn.Distributed.Grains.Folders;
using Lcnn.Distributed.Grains.Lifecycle;
using Lcnn.Distributed.Grains.Placement;
using Lcnn.Distributed.Grains.Programs;
using Lcnn.Distributed.Grains.Runs;
using Lcnn.Distributed.Grains.Storage;
using Lcnn.Distributed.Grains.Sweeps;
using Lcnn.Distributed.Grains.Telemetry;
using Lcnn.Distributed.Grains.Workers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Placement;

namespace Lcnn.Distributed.Grains.Hosting;

/// <summary>Registers what the grains of this project need.</summary>
public static class GrainsServices
{
    /// <summary>Adds the services shared by all workers of a process.</summary>
    public static IServiceCollection AddLcnnGrains(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new DataSetLoader(provider.GetServices<AddedDataSet>()));
        services.AddSingleton<SiloProgram>();
        services.TryAddSingleton<IEventLogStore<RunEvent>>(_ => new MemoryEventLogStore<RunEvent>());
        services.TryAddSingleton<IEventLogStore<SweepEvent>>(_ => new MemoryEventLogStore<SweepEvent>());
        services.TryAddSingleton<IEventLogStore<SweepChange>>(_ => new MemoryEventLogStore<SweepChange>(capacity: int.MaxValue));
        services.TryAddSingleton(ClaimPlace.ThisProcess);
        services.TryAddSingleton(RunRoots.All);
        services.AddSingleton<DataSetCache>();
        services.AddOptions<TransportOptions>().ValidateOnStart();
        services.AddSingleton<IValidateOptions<TransportOptions>, TransportOptionsValidator>();
        services.AddSingleton<TransportHub>();
        services.AddOptionsWithValidateOnStart<RunOptions, RunOptionsValidator>();
        services.AddOptionsWithValidateOnStart<RetentionOptions, RetentionOptionsValidator>();
        services.AddSingleton<ISiloDrain, SiloDrain>();
        services.AddSingleton<StoreReach>();
        services.AddMetrics();
        services.AddSingleton<LiveWork<RunPhase>>();
        services.AddSingleton<LiveWork<SweepPhase>>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, SiloGauges>();
        services.AddPlacementFilter<StorePlacementFilter, StorePlacementDirector>(ServiceLifetime.Singleton);
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, StoreReachWatch>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, Waker>();
        return services.AddPlacement();
    }

    private static IServiceCollection AddPlacement(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<PlacementOptions, PlacementOptionsValidator>();
        services.TryAddSingleton<SlotSilos>();
        services.AddPlacementDirector<SiloPlacementStrategy, SiloPlacementDirector>();
        return services.AddSingleton(provider => new SlotLedger(
            provider.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToParsableString(),
            provider.GetRequiredService<IOptions<PlacementOptions>>().Value,
            provider.GetRequiredService<TimeProvider>()));
    }
}
