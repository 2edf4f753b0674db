using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Grains.EventLogs;
using Lcnn.Distributed.Grains.Sweeps;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using StackExchange.Redis;

namespace Lcnn.Distributed.Silo.Storage;

/// <summary>The logs of all runs and sweeps in Redis, and the journals of the sweeps.</summary>
internal static class RedisEventLogs
{
    private const int Capacity = 100_000;

    /// <summary>Replaces the logs in memory; wants an <see cref="IConnectionMultiplexer"/> among the services.</summary>
    public static IServiceCollection AddRedisEventLogs(this IServiceCollection services) => services
        .Replace(ServiceDescriptor.Singleton<IEventLogStore<RunEvent>>(static provider => OfRuns(Redis(provider), ClusterId(provider))))
        .Replace(ServiceDescriptor.Singleton<IEventLogStore<SweepEvent>>(static provider => OfSweeps(Redis(provider), ClusterId(provider))))
        .Replace(ServiceDescriptor.Singleton<IEventLogStore<SweepChange>>(static provider => OfJournals(Redis(provider), ClusterId(provider))));

    /// <summary>The logs of runs.</summary>
    public static RedisEventLogStore<RunEvent> OfRuns(IConnectionMultiplexer redis, string clusterId, int capacity = Capacity) =>
        new(redis, $"{clusterId}/run-log", static sequence => new RunWarning { Sequence = sequence, Message = Unreadable(sequence) }, capacity);

    /// <summary>The logs of sweeps.</summary>
    public static RedisEventLogStore<SweepEvent> OfSweeps(IConnectionMultiplexer redis, string clusterId, int capacity = Capacity) =>
        new(redis, $"{clusterId}/sweep-log", static sequence => new SweepWarning { Sequence = sequence, Message = Unreadable(sequence) }, capacity);

    /// <summary>The journals of sweeps, of which nothing is forgotten.</summary>
    public static RedisEventLogStore<SweepChange> OfJournals(IConnectionMultiplexer redis, string clusterId) => new(
        redis, $"{clusterId}/sweep-journal",
        static sequence => throw new StoredStateException($"entry {sequence} of a sweep's journal is of a form that this release does not know; run the release that wrote it"),
        capacity: int.MaxValue);

    private static string Unreadable(long sequence) => $"event {sequence} is of a kind that this release does not know";

    private static IConnectionMultiplexer Redis(IServiceProvider provider) => provider.GetRequiredService<IConnectionMultiplexer>();

    private static string ClusterId(IServiceProvider provider) => provider.GetRequiredService<IOptions<ClusterOptions>>().Value.ClusterId;
}
