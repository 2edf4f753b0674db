using System.Security.Cryptography;
using StackExchange.Redis;

namespace Lcnn.Distributed.Silo.Clustering;

/// <summary>The marker as a key of Redis: the cluster's id and a number drawn by its first silo.</summary>
internal sealed class RedisEpochStore(IDatabase redis, string clusterId) : IEpochStore
{
    private readonly RedisKey _key = $"{clusterId}/epoch";

    public async Task<string> EnsureAsync()
    {
        await redis.StringSetAsync(_key, $"{clusterId} {RandomNumberGenerator.GetHexString(16, lowercase: true)}", when: When.NotExists);
        return await ReadAsync() ?? "";
    }

    public async Task<string?> ReadAsync() => await redis.StringGetAsync(_key);
}
