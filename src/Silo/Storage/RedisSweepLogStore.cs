using Lcnn.Distributed.Contracts.Sweeps;
using StackExchange.Redis;

namespace Lcnn.Distributed.Silo.Storage;

/// <summary>The logs of sweeps.</summary>
internal sealed class RedisSweepLogStore(IConnectionMultiplexer redis, string clusterId, int capacity = RedisSweepLogStore.DefaultCapacity)
    : RedisEventLogStore<SweepEvent>(redis, $"{clusterId}/sweep-log", capacity)
{
    protected override SweepEvent Unreadable(long sequence) => new SweepWarning { Sequence = sequence, Message = $"event {sequence} is of a kind that this release does not know" };
}
