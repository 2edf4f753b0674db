using Lcnn.Distributed.Client;
using Lcnn.Distributed.Silo.Clustering;
using Lcnn.Distributed.Silo.Configuration;
using Lcnn.Distributed.Silo.Storage;
using Lcnn.Distributed.Silo.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Lcnn.Distributed.Silo;

/// <summary>Builds the host of one silo.</summary>
public static class SiloHostExtensions
{
    private static readonly TimeSpan _goodbye = TimeSpan.FromSeconds(4); // what Orleans may take after the drain

    /// <summary>Adds a silo to a host, as <see cref="AddLcnnSilo(IHostApplicationBuilder, ClusterAddress, Action{SiloOptions})"/> does.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="cluster">The cluster it is of: "localhost" for one on this machine alone, or "redis://host" for one whose silos meet in a Redis.</param>
    /// <param name="configure">Sets its options.</param>
    /// <exception cref="FormatException">The address is none; the message says what it can be.</exception>
    public static LcnnSiloBuilder AddLcnnSilo(this IHostApplicationBuilder builder, string cluster, Action<SiloOptions>? configure = null)
    {
        var address = ClusterAddress.Parse(cluster);
        return builder.AddLcnnSilo(address, silo =>
        {
            silo.GatewayPort = address is { IsRedis: false, IsGateways: false } ? address.Port : silo.GatewayPort; // the port that clients of such an address ask
            configure?.Invoke(silo);
        });
    }

    /// <summary>Adds a silo to a host: its options are checked, Redis is watched and work is handed over when it leaves. <c>lcnn silo</c> is such a host.</summary>
    /// <remarks>Runs are started from outside, or through the <see cref="IRunLauncher"/> among the host's services.</remarks>
    /// <param name="builder">The host.</param>
    /// <param name="address">The cluster it is of.</param>
    /// <param name="configure">Sets its options.</param>
    /// <returns>Takes the data sets, networks and operations that this program adds.</returns>
    /// <exception cref="ArgumentException">The options ask for probes over HTTP, and the host has no web server.</exception>
    public static LcnnSiloBuilder AddLcnnSilo(this IHostApplicationBuilder builder, ClusterAddress address, Action<SiloOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(configure);
        var own = new SiloOptions();
        configure(own);
        if (own.HttpPort is not null && builder is not WebApplicationBuilder)
        {
            throw new ArgumentException($"{nameof(SiloOptions.HttpPort)}: expected none, as this host has no web server, got {own.HttpPort}; leave it out, or build the silo with {nameof(SiloApplication)}.{nameof(SiloApplication.Build)}", nameof(configure));
        }

        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddHostedService<ProgramCheck>(); // first: what the program adds is refused before anything starts
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

        builder.UseOrleans(silo => silo.AddLcnn(address, own));
        if (address.IsRedis)
        {
            builder.Services.SayPlainlyWhatRedisDoes();
        }

        builder.Services.AddHostedService<MembershipLog>();
        builder.Services.AddHostedService<DrainService>();
        builder.Services.TryAddSingleton<IRunLauncher>(services => new LcnnClient(services.GetRequiredService<IGrainFactory>()));
        builder.AddTelemetry(own, isScraped: own.HttpPort is not null);
        return new LcnnSiloBuilder(builder.Services);
    }
}
