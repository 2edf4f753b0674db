using System.Globalization;
using System.Net.Security;

namespace Lcnn.Distributed.Client;

/// <summary>One conversation with the Redis of a cluster before anything relies on it, so that whatever is wrong is said in its own words.</summary>
internal static class RedisProbe
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    /// <summary>Asks it for all that is needed.</summary>
    /// <param name="address">Which Redis.</param>
    /// <param name="isSilo">Whether for a silo, which writes more than a client does.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ClusterUnreachableException">It cannot be used; the message says why and what to mend.</exception>
    public static async Task<RedisFacts> AskAsync(ClusterAddress address, bool isSilo, CancellationToken cancellationToken)
    {
        var certificate = new CertificateCheck(address.Host, address.RedisAuthorityFile);
        using var own = RedisCertificate.Load(address);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(_patience);
        var stage = RedisStage.Connecting;
        try
        {
            using var socket = await ReachableSocket.ConnectAsync(address.Host, address.Port, timeout.Token);
            stage = address.IsSecure ? RedisStage.Securing : RedisStage.Talking;
            await using var plain = new System.Net.Sockets.NetworkStream(socket);
            await using var secure = address.IsSecure ? new SslStream(plain, leaveInnerStreamOpen: true, certificate.Validate) : null;
            if (secure is not null)
            {
                await secure.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = address.Host, ClientCertificates = own is null ? [] : [own] }, timeout.Token);
                stage = RedisStage.Talking;
            }

            return await AskAsync(new RespConnection((Stream?)secure ?? plain), address, isSilo, timeout.Token);
        }
        catch (Exception exception) when (exception is not ClusterUnreachableException && !cancellationToken.IsCancellationRequested)
        {
            throw RedisProblems.CannotBeUsed(address, certificate.Problem ?? RedisProblems.Of(exception, address, stage), exception);
        }
    }

    private static async Task<RedisFacts> AskAsync(RespConnection redis, ClusterAddress address, bool isSilo, CancellationToken cancellationToken)
    {
        var password = address.ReadPassword();
        if (password is not null || address.User is not null)
        {
            await redis.AskAsync(cancellationToken, address.User is { } user ? ["AUTH", user, password ?? ""] : ["AUTH", password!]);
        }

        await redis.AskAsync(cancellationToken, "PING");
        var info = Parse(await TryAsync(redis, cancellationToken, "INFO"));
        if (info.GetValueOrDefault("redis_mode") == "sentinel")
        {
            throw new ClusterUnreachableException($"{address} is a Redis Sentinel, which keeps no records; give the address of the Redis that it watches");
        }

        if (address.Database > 0)
        {
            await redis.AskAsync(cancellationToken, "SELECT", address.Database.ToString(CultureInfo.InvariantCulture));
        }

        await RedisPermissions.CheckAsync(redis, address, isSilo, cancellationToken);
        var policy = info.GetValueOrDefault("maxmemory_policy")
            ?? (await TryAsync(redis, cancellationToken, "CONFIG", "GET", "maxmemory-policy")).Split('\n').ElementAtOrDefault(1);
        return new RedisFacts(policy ?? "");
    }

    // What is only good to know may be forbidden.
    private static async Task<string> TryAsync(RespConnection redis, CancellationToken cancellationToken, params IReadOnlyList<string> command)
    {
        try
        {
            return await redis.AskAsync(cancellationToken, command);
        }
        catch (RedisRefusedException refused) when (refused.Kind is "NOPERM" or "ERR")
        {
            return "";
        }
    }

    private static Dictionary<string, string> Parse(string info) => info.Split('\n', StringSplitOptions.TrimEntries)
        .Select(line => line.Split(':', 2)).Where(parts => parts.Length == 2).DistinctBy(parts => parts[0]).ToDictionary(parts => parts[0], parts => parts[1]);
}

/// <summary>What a Redis says of itself.</summary>
/// <param name="EvictionPolicy">Its <c>maxmemory-policy</c>; empty where it does not say.</param>
internal sealed record RedisFacts(string EvictionPolicy)
{
    /// <summary>Whether it forgets records once its memory is full; policies on volatile keys cannot touch ours, which have no expiry.</summary>
    public bool Evicts => EvictionPolicy.StartsWith("allkeys-", StringComparison.Ordinal);
}
