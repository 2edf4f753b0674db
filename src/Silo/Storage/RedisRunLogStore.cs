using Lcnn.Distributed.Contracts.Runs;
using StackExchange.Redis;

namespace Lcnn.Distributed.Silo.Storage;

/// <summary>The logs of runs.</summary>
internal sealed class RedisRunLogStore(IConnectionMultiplexer redis, string clusterId, int capacity = RedisRunLogStore.DefaultCapacity)
    : RedisEventLogStore<RunEvent>(redis, $"{clusterId}/run-log", capacity)
{
    protected override RunEvent Unreadable(long sequence) =>
        new RunWarning { Sequence = sequence, Message = $"event {sequence} is of a kind that this release does not know" };
}
