using Lcnn.Distributed.Grains.Runs.Log;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using StackExchange.Redis;

namespace Lcnn.Distributed.Silo.Storage;

/// <summary>Puts the logs of all runs into Redis.</summary>
internal static class RedisRunLogExtensions
{
    /// <summary>Replaces the log in memory; wants an <see cref="IConnectionMultiplexer"/> among the services.</summary>
    public static IServiceCollection AddRedisRunLog(this IServiceCollection services) =>
        services.Replace(ServiceDescriptor.Singleton<IRunLogStore>(static provider => new RedisRunLogStore(
            provider.GetRequiredService<IConnectionMultiplexer>(), provider.GetRequiredService<IOptions<ClusterOptions>>().Value.ClusterId)));
}
