using Lcnn.Distributed.Client;
using Lcnn.Distributed.Silo.Clustering;
using Lcnn.Distributed.Silo.Configuration;
using Lcnn.Distributed.Silo.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Lcnn.Distributed.Silo;

/// <summary>Builds the host of one silo.</summary>
public static class SiloHostExtensions
{
    private static readonly TimeSpan _goodbye = TimeSpan.FromSeconds(4); // what Orleans may take after the drain

    /// <summary>Adds a silo to a host: its options are checked, Redis is watched and work is handed over when it leaves.</summary>
    public static IHostApplicationBuilder AddLcnnSilo(this IHostApplicationBuilder builder, ClusterAddress address, Action<SiloOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(address);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(address);
        builder.Services.AddSingleton<SiloFault>();
        builder.Services.AddSingleton<IValidateOptions<SiloOptions>, SiloOptionsValidator>();
        builder.Services.AddOptions<SiloOptions>().Configure(configure).Configure(options => options.ClusterId = address.ClusterId)
            .PostConfigure(FreePorts.Fill).PostConfigure(SlotDefaults.Fill).ValidateOnStart();
        builder.Services.AddOptions<HostOptions>().Configure<IOptions<SiloOptions>>((host, silo) => host.ShutdownTimeout = silo.Value.DrainTimeout + _goodbye);
        if (address.IsRedis)
        {
            builder.Services.AddSingleton<RedisLink>();
            builder.Services.AddSingleton(services => services.GetRequiredService<RedisLink>().Connection);
            builder.Services.AddRedisEventLogs();
            builder.Services.AddHostedService<RedisMarkerService>(); // before Orleans: the first to say that there is no Redis
        }

        var own = new SiloOptions();
        configure(own);
        builder.UseOrleans(silo => silo.AddLcnn(address, own));
        if (address.IsRedis)
        {
            builder.Services.SayPlainlyWhatRedisDoes();
        }

        builder.Services.AddHostedService<MembershipLog>();
        builder.Services.AddHostedService<DrainService>();
        return builder;
    }
}
