using StackExchange.Redis;

namespace Lcnn.Distributed.Client;

/// <summary>How the Redis of a cluster is reached, by silos and clients alike.</summary>
internal static class RedisConnections
{
    private const int TimeoutMilliseconds = 5000;

    /// <summary>Settings of one connection, which comes back by itself when Redis does.</summary>
    public static ConfigurationOptions Configure(ClusterAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return new ConfigurationOptions
        {
            EndPoints = { { address.Host, address.Port } },
            User = address.User,
            Password = address.Password,
            DefaultDatabase = address.Database,
            Ssl = address.IsSecure,
            SslHost = address.IsSecure ? address.Host : null,
            ClientName = "lcnn",
            ConnectTimeout = TimeoutMilliseconds,
            AsyncTimeout = TimeoutMilliseconds,
            AbortOnConnectFail = false,
            ReconnectRetryPolicy = new LinearRetry(1000),
        };
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
            throw new ClusterUnreachableException($"the Redis of {address} cannot be reached: {Reason(exception)}", exception);
        }
    }

    // The library's own text ends in a list of internal counters.
    private static string Reason(Exception exception)
    {
        var text = $"{exception.Message} {exception.InnerException?.Message}";
        return text.Contains("NOAUTH", StringComparison.Ordinal) || text.Contains("WRONGPASS", StringComparison.Ordinal) || text.Contains("AuthenticationFailure", StringComparison.Ordinal)
            ? "it refuses the user or the password"
            : "nothing answers there; start it, or mend host and port";
    }
}
