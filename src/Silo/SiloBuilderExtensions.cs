using System.Net;
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Grains;
using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Grains.EventLogs;
using Lcnn.Distributed.Grains.Folders;
using Lcnn.Distributed.Grains.Hosting;
using Lcnn.Distributed.Grains.Lifecycle;
using Lcnn.Distributed.Grains.Placement;
using Lcnn.Distributed.Grains.Runs;
using Lcnn.Distributed.Grains.Sweeps;
using Lcnn.Distributed.Silo.Clustering;
using Lcnn.Distributed.Silo.Configuration;
using Lcnn.Distributed.Silo.Security;
using Lcnn.Distributed.Silo.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Storage;
using SiloOptions = Lcnn.Distributed.Silo.Configuration.SiloOptions;

namespace Lcnn.Distributed.Silo;

/// <summary>What every silo of the system needs, wherever it is hosted.</summary>
public static class SiloBuilderExtensions
{
    /// <summary>Adds the grains, their records in memory and their reminders; clustering is the caller's.</summary>
    public static ISiloBuilder AddLcnn(this ISiloBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddCommon(isWholeHost: false);
        return builder.AddLocalRecords();
    }

    /// <summary>Adds all of a silo: clustering, the grains, and their records in Redis or, without one, in memory.</summary>
    internal static ISiloBuilder AddLcnn(this ISiloBuilder builder, ClusterAddress address, SiloOptions own)
    {
        builder.AddCommon(isWholeHost: true);
        if (own.TlsFolder is not null)
        {
            builder.AddTls();
        }

        builder.Services.Replace(ServiceDescriptor.Singleton<IFatalErrorHandler, EvictionHandler>());
        builder.Services.Replace(ServiceDescriptor.Singleton(services => ClaimPlaces.Of(address, services.GetRequiredService<IOptions<SiloOptions>>().Value)));
        builder.Services.Replace(ServiceDescriptor.Singleton(new RunRoots(own.RunRoots.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))));
        builder.Configure<ClusterMembershipOptions>(MembershipTuning.Apply)
            .ConfigureFrom<ClusterOptions>((cluster, own) => ClusterIdentity.Apply(cluster, own.ClusterId, own.ServiceId))
            .ConfigureFrom<Orleans.Configuration.SiloOptions>((silo, own) => silo.SiloName = own.Name)
            .ConfigureFrom<EndpointOptions>((endpoints, own) => SiloEndpoints.Apply(endpoints, address, own))
            .ConfigureFrom<TransportOptions>((transport, own) => SiloEndpoints.Apply(transport, address, own))
            .ConfigureFrom<PlacementOptions>(SlotDefaults.Apply)
            .ConfigureFrom<RunOptions>((runs, own) => runs.StallTimeout = own.StallTimeout)
            .ConfigureFrom<RetentionOptions>((retention, own) => (retention.Steps, retention.TrialSteps) = (own.KeepSteps, own.KeepTrialSteps));
        return address.IsRedis ? builder.UseRedis(address) : own.RecordsFolder is { } folder ? builder.UseFirstSilo().AddFolderRecords(folder)
            : builder.UseFirstSilo().AddLocalRecords();
    }

    private static void AddCommon(this ISiloBuilder builder, bool isWholeHost)
    {
        builder.Services.AddLcnnGrains();
#pragma warning disable ORLEANSEXP003 // the default directory ends activations whose entry was on a silo that dies, healthy workers among them
        builder.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003
        // Two activations at once are none of the directory's business here: records and slots refuse the older one.
        builder.Configure<GrainDirectoryOptions>(directory => directory.RangeLeaseDuration = TimeSpan.Zero);
        builder.Services.AddSingleton<MessagePackStorageSerializer>();
        builder.AddCallGuard(knowsOthers: !isWholeHost);
    }

    private static ISiloBuilder UseRedis(this ISiloBuilder builder, ClusterAddress address) => builder
        .UseRedisClustering(redis => redis.ConfigurationOptions = RedisConnections.Configure(address))
        .AddRedisGrainStorage(GrainStorageNames.Lcnn, storage => storage.Configure<MessagePackStorageSerializer>((redis, serializer) =>
        {
            redis.ConfigurationOptions = RedisConnections.Configure(address);
            redis.GrainStorageSerializer = serializer;
            redis.DeleteStateOnClear = true;
        }))
        .UseRedisReminderService(redis => redis.ConfigurationOptions = RedisConnections.Configure(address));

    private static ISiloBuilder UseFirstSilo(this ISiloBuilder builder) => builder
        .UseDevelopmentClustering((Action<OptionsBuilder<DevelopmentClusterMembershipOptions>>)(_ => { }))
        .ConfigureFrom<DevelopmentClusterMembershipOptions>((membership, own) =>
            membership.PrimarySiloEndpoint = new IPEndPoint(IPAddress.Loopback, own.PrimaryPort));

    // Logs of runs stay in memory: what a sweep needs of a run is in its record.
    private static ISiloBuilder AddFolderRecords(this ISiloBuilder builder, string folder)
    {
        builder.Services.AddKeyedSingleton<IGrainStorage>(
            GrainStorageNames.Lcnn, (services, _) => new FolderGrainStorage(folder, services.GetRequiredService<MessagePackStorageSerializer>()));
        builder.Services.Replace(ServiceDescriptor.Singleton<IEventLogStore<SweepEvent>>(FolderLogs.OfSweeps(folder)));
        builder.Services.Replace(ServiceDescriptor.Singleton<IEventLogStore<SweepChange>>(FolderLogs.OfJournals(folder)));
        builder.Services.Configure<SweepOptions>(static sweeps => sweeps.EndsWithProcess = true);
        return builder.UseInMemoryReminderService();
    }

    // The same bytes as in Redis, so that what cannot be stored shows up without one.
    private static ISiloBuilder AddLocalRecords(this ISiloBuilder builder) => builder
        .AddMemoryGrainStorage(GrainStorageNames.Lcnn, storage => storage.Configure<MessagePackStorageSerializer>((memory, serializer) =>
            memory.GrainStorageSerializer = serializer))
        .UseInMemoryReminderService();

    private static ISiloBuilder ConfigureFrom<T>(this ISiloBuilder builder, Action<T, SiloOptions> configure)
        where T : class
    {
        builder.Services.AddOptions<T>().Configure<IOptions<SiloOptions>>((options, own) => configure(options, own.Value));
        return builder;
    }
}
