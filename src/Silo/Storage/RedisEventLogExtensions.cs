using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Grains.EventLogs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using StackExchange.Redis;

namespace Lcnn.Distributed.Silo.Storage;

/// <summary>Puts the logs of all runs and sweeps into Redis.</summary>
internal static class RedisEventLogExtensions
{
    /// <summary>Replaces the logs in memory; wants an <see cref="IConnectionMultiplexer"/> among the services.</summary>
    public static IServiceCollection AddRedisEventLogs(this IServiceCollection services) => services
        .Replace(ServiceDescriptor.Singleton<IEventLogStore<RunEvent>>(static provider => new RedisRunLogStore(Redis(provider), ClusterId(provider))))
        .Replace(ServiceDescriptor.Singleton<IEventLogStore<SweepEvent>>(static provider => new RedisSweepLogStore(Redis(provider), ClusterId(provider))));

    private static IConnectionMultiplexer Redis(IServiceProvider provider) => provider.GetRequiredService<IConnectionMultiplexer>();

    private static string ClusterId(IServiceProvider provider) => provider.GetRequiredService<IOptions<ClusterOptions>>().Value.ClusterId;
}
