namespace Lcnn.Distributed.Client;

/// <summary>Where a cluster is found: its Redis, or the gateway of its first silo on this machine. Never shows its password.</summary>
public sealed class ClusterAddress
{
    /// <summary>Port of the first silo's gateway unless told otherwise.</summary>
    public const int DefaultGatewayPort = 30000;

    /// <summary>Port of Redis unless told otherwise.</summary>
    public const int DefaultRedisPort = 6379;

    /// <summary>Name of a cluster unless told otherwise.</summary>
    public const string DefaultClusterId = "lcnn";

    /// <summary>Whether silos meet in Redis; otherwise they are on this machine and know the first one's ports.</summary>
    public bool IsRedis { get; internal init; }

    /// <summary>Host of Redis, or "localhost".</summary>
    public string Host { get; internal init; } = "localhost";

    /// <summary>Port of Redis, or of the first silo's gateway.</summary>
    public int Port { get; internal init; } = DefaultGatewayPort;

    /// <summary>User at Redis; null for its default user.</summary>
    public string? User { get; internal init; }

    /// <summary>Number of the Redis database.</summary>
    public int Database { get; internal init; }

    /// <summary>Whether Redis is talked to over TLS.</summary>
    public bool IsSecure { get; internal init; }

    /// <summary>Which of the clusters that share a Redis.</summary>
    public string ClusterId { get; internal init; } = DefaultClusterId;

    /// <summary>Whether there is a password to protect.</summary>
    public bool HasPassword => Password is not null;

    internal string? Password { get; init; }

    /// <summary>A cluster without Redis, on this machine.</summary>
    public static ClusterAddress Localhost(int gatewayPort = DefaultGatewayPort) => new() { Port = gatewayPort };

    /// <summary>Reads an address.</summary>
    /// <exception cref="FormatException">It is not one; the message says why and shows no password.</exception>
    public static ClusterAddress Parse(string text) => ClusterAddressParser.Parse(text);

    /// <summary>The address without its password.</summary>
    public override string ToString() => Write("***");

    /// <summary>The address with its password, to be handed to another process out of sight of other users.</summary>
    public string Reveal() => Write(Password is null ? "" : Uri.EscapeDataString(Password));

    private string Write(string password)
    {
        var host = Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;
        if (!IsRedis)
        {
            return $"{host}:{Port}";
        }

        var user = Uri.EscapeDataString(User ?? "");
        var login = HasPassword ? $"{user}:{password}@" : user.Length > 0 ? $"{user}@" : "";
        var database = Database == 0 ? "" : $"/{Database}";
        var cluster = ClusterId == DefaultClusterId ? "" : $"?cluster={ClusterId}";
        return $"{(IsSecure ? "rediss" : "redis")}://{login}{host}:{Port}{database}{cluster}";
    }
}
