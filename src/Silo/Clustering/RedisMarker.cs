using System.Security.Cryptography;
using StackExchange.Redis;

namespace Lcnn.Distributed.Silo.Clustering;

/// <summary>A key of Redis: the cluster's id and a number drawn by its first silo.</summary>
internal sealed class RedisMarker(IDatabase redis, string clusterId) : IRedisMarker
{
    private readonly RedisKey _key = $"{clusterId}/epoch"; // the name that running clusters know it by

    public async Task<string> EnsureAsync()
    {
        await redis.StringSetAsync(_key, $"{clusterId} {RandomNumberGenerator.GetHexString(16, lowercase: true)}", when: When.NotExists);
        return await ReadAsync() ?? "";
    }

    public async Task<string?> ReadAsync() => await redis.StringGetAsync(_key);
}
