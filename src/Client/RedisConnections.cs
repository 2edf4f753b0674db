using StackExchange.Redis;
using StackExchange.Redis.Configuration;

namespace Lcnn.Distributed.Client;

/// <summary>How the Redis of a cluster is reached, by silos and clients alike.</summary>
internal static class RedisConnections
{
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(5);

    /// <summary>Settings of one connection, which comes back by itself when Redis does.</summary>
    public static ConfigurationOptions Configure(ClusterAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var configured = new ConfigurationOptions
        {
            Defaults = new CurrentPassword(address),
            EndPoints = { { address.Host, address.Port } },
            User = address.User,
            DefaultDatabase = address.Database,
            Ssl = address.IsSecure,
            SslHost = address.IsSecure ? address.Host : null,
            ClientName = "lcnn",
            ConnectTimeout = (int)_timeout.TotalMilliseconds,
            AsyncTimeout = (int)_timeout.TotalMilliseconds,
            AbortOnConnectFail = false,
            ReconnectRetryPolicy = new LinearRetry(1000),
            Tunnel = new ReachableTunnel(_timeout),

            // One Redis has no master to agree on: no key and no channel is needed for that.
            TieBreaker = "",
            ConfigurationChannel = "",
        };
        if (address.RedisAuthorityFile is { } authority)
        {
            configured.CertificateValidation += new CertificateCheck(address.Host, authority).Validate;
        }

        if (address.RedisCertificateFile is not null)
        {
            configured.CertificateSelection += (_, _, _, _, _) => RedisCertificate.Load(address)!;
        }

        return configured;
    }

    // Asked at each connection: passwords are renewed, too.
    private sealed class CurrentPassword(ClusterAddress address) : DefaultOptionsProvider
    {
        public override string? Password => address.ReadPassword();
    }

    /// <summary>Connects, or says plainly why not.</summary>
    /// <exception cref="ClusterUnreachableException">Redis does not answer, or refuses us.</exception>
    public static async Task<IConnectionMultiplexer> ConnectAsync(ClusterAddress address, CancellationToken cancellationToken = default)
    {
        var options = Configure(address);
        options.AbortOnConnectFail = true;
        try
        {
            return await ConnectionMultiplexer.ConnectAsync(options).WaitAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or System.Net.Sockets.SocketException)
        {
            // It answered the probe: what is left is a Redis that has just gone. The library's own text ends in a list of internal counters.
            throw RedisProblems.CannotBeUsed(address, exception.Message.Split(';', '(')[0].Trim(), exception);
        }
    }
}
