using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Lcnn.Distributed.Client;

/// <summary>Adds the client to a host.</summary>
public static class LcnnClientServices
{
    /// <summary>Configuration section that <see cref="AddLcnnClient(IHostApplicationBuilder, Action{LcnnClientOptions}?)"/> reads.</summary>
    public const string Section = "Lcnn";

    /// <summary>Adds <see cref="LcnnClient"/>, also as <see cref="IRunLauncher"/>, with options from the section "Lcnn".</summary>
    /// <param name="configure">Changes what the configuration says.</param>
    public static IHostApplicationBuilder AddLcnnClient(this IHostApplicationBuilder builder, Action<LcnnClientOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddOptions<LcnnClientOptions>().BindConfiguration(Section);
        builder.Services.AddLcnnClient(configure);
        return builder;
    }

    /// <summary>Adds <see cref="LcnnClient"/>, also as <see cref="IRunLauncher"/>; it connects when the host starts and leaves when it stops.</summary>
    /// <remarks>
    /// With an address it has a connection of its own, whatever else the host is. Without one it uses the Orleans silo or client that the
    /// host itself has. The host does not start when its options are wrong (<see cref="OptionsValidationException"/>) or no silo answers
    /// (<see cref="ClusterUnreachableException"/>).
    /// </remarks>
    /// <param name="configure">Sets the options.</param>
    public static IServiceCollection AddLcnnClient(this IServiceCollection services, Action<LcnnClientOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<LcnnClientOptions>().Configure(configure ?? (_ => { })).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<LcnnClientOptions>, LcnnClientOptionsValidator>());
        services.TryAddSingleton(Create);
        services.TryAddSingleton<IRunLauncher>(provider => provider.GetRequiredService<LcnnClient>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, ConnectionService>());
        return services;
    }

    private static LcnnClient Create(IServiceProvider provider)
    {
        var clock = provider.GetService<TimeProvider>();
        if (provider.GetRequiredService<IOptions<LcnnClientOptions>>().Value.Cluster.Length == 0)
        {
            var grains = provider.GetService<IGrainFactory>() ?? throw new ClusterUnreachableException(
                $"this host has neither an Orleans silo nor a client; set {nameof(LcnnClientOptions)}.{nameof(LcnnClientOptions.Cluster)} to the cluster's address");
            return new LcnnClient(grains, clock);
        }

        return new LcnnClient(clock, provider.GetRequiredService<ILogger<LcnnClient>>());
    }

    private sealed class ConnectionService(LcnnClient client, IOptions<LcnnClientOptions> options, ILoggerFactory logging) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            var own = options.Value;
            return own.Cluster.Length == 0 ? Task.CompletedTask : client.OpenAsync(
                ClusterAddress.Parse(own.Cluster),
                new ConnectOptions
                {
                    Timeout = own.Timeout,
                    AnswerTimeout = own.AnswerTimeout,
                    TlsFolder = own.TlsFolder.Length > 0 ? own.TlsFolder : null,
                    Token = own.Token.Length > 0 ? own.Token : null,
                    Logging = inner => inner.Services.Replace(ServiceDescriptor.Singleton(logging)),
                },
                cancellationToken);
        }

        public Task StopAsync(CancellationToken cancellationToken) => client.DisposeAsync().AsTask();
    }
}
