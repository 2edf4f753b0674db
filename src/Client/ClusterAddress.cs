using System.Net;

namespace Lcnn.Distributed.Client;

/// <summary>Where a cluster is found: its Redis, the gateways of some of its silos, or the first silo on this machine. Never shows its password.</summary>
public sealed class ClusterAddress
{
    /// <summary>Port of the first silo's gateway unless told otherwise.</summary>
    public const int DefaultGatewayPort = 30000;

    /// <summary>Port of Redis unless told otherwise.</summary>
    public const int DefaultRedisPort = 6379;

    /// <summary>Name of a cluster unless told otherwise.</summary>
    public const string DefaultClusterId = "lcnn";

    internal ClusterAddress()
    {
    }

    /// <summary>Whether silos meet in Redis; otherwise gateways are known by their addresses.</summary>
    public bool IsRedis { get; internal init; }

    /// <summary>Host of Redis, or of the first gateway.</summary>
    public string Host { get; internal init; } = "localhost";

    /// <summary>Port of Redis, or of the first gateway.</summary>
    public int Port { get; internal init; } = DefaultGatewayPort;

    /// <summary>User at Redis; null for its default user.</summary>
    public string? User { get; internal init; }

    /// <summary>Number of the Redis database.</summary>
    public int Database { get; internal init; }

    /// <summary>Whether Redis is talked to over TLS.</summary>
    public bool IsSecure { get; internal init; }

    /// <summary>File with the certificates of the authorities that the Redis' own must come from; null for those this machine trusts.</summary>
    public string? RedisAuthorityFile { get; internal init; }

    /// <summary>File with the certificate that is shown to the Redis; null for none.</summary>
    public string? RedisCertificateFile { get; internal init; }

    /// <summary>File with its private key.</summary>
    public string? RedisKeyFile { get; internal init; }

    /// <summary>Which of the clusters that share a Redis.</summary>
    public string ClusterId { get; internal init; } = DefaultClusterId;

    /// <summary>Whether there is a password to protect.</summary>
    public bool HasPassword => Password is not null;

    /// <summary>Whether it lists gateways: enough for clients, while silos need a Redis or the first silo's machine to meet.</summary>
    public bool IsGateways => Gateways.Count > 0;

    /// <summary>The gateways listed, with host names unresolved; empty for a Redis and for this machine.</summary>
    public IReadOnlyList<DnsEndPoint> Gateways { get; internal init; } = [];

    /// <summary>File with the password of Redis on its first line, read anew for each connection; null for none.</summary>
    public string? RedisPasswordFile { get; internal init; }

    internal string? Password { get; init; }

    /// <summary>A cluster without Redis, on this machine.</summary>
    public static ClusterAddress Localhost(int gatewayPort = DefaultGatewayPort) => new() { Port = gatewayPort };

    /// <summary>A cluster behind gateways of its silos, of which one has to answer.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static ClusterAddress Behind(IEnumerable<DnsEndPoint> gateways, string clusterId = DefaultClusterId)
    {
        DnsEndPoint[] all = [.. gateways];
        return all.Length == 0
            ? throw new ArgumentException("expected at least one gateway, got none", nameof(gateways))
            : new ClusterAddress { Host = all[0].Host, Port = all[0].Port, Gateways = all, ClusterId = clusterId };
    }

    /// <summary>Reads an address: <c>redis://[user[:password]@]host[:port][/db][?cluster=NAME]</c>, <c>rediss://...</c> for TLS, there with
    /// <c>ssl_ca_certs</c>, <c>ssl_certfile</c> and <c>ssl_keyfile</c> behind the question mark as redis-py has them, and <c>password_file</c> for either,
    /// <c>lcnn://host[:port][,host2[:port]...][?cluster=NAME]</c> for gateways, or <c>localhost[:port]</c>.</summary>
    /// <exception cref="FormatException">It is not one; the message says why and shows no password.</exception>
    public static ClusterAddress Parse(string text) => ClusterAddressParser.Parse(text);

    /// <summary>The password as given, or as its file has it now; null for none.</summary>
    /// <exception cref="ClusterUnreachableException">The file cannot be read, or is empty.</exception>
    internal string? ReadPassword()
    {
        if (RedisPasswordFile is not { } file)
        {
            return Password;
        }

        try
        {
            return File.ReadLines(file).FirstOrDefault()?.Trim() is { Length: > 0 } password ? password
                : throw RedisProblems.CannotBeUsed(this, $"the file '{file}' has no password on its first line");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw RedisProblems.CannotBeUsed(this, $"its password cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>The address without its password.</summary>
    public override string ToString() => Write("***");

    /// <summary>The address with its password, to be handed to another process out of sight of other users.</summary>
    public string Reveal() => Write(Password is null ? "" : Uri.EscapeDataString(Password));

    private string Write(string password)
    {
        var cluster = Query();
        if (IsGateways)
        {
            return $"lcnn://{string.Join(',', Gateways.Select(gateway => Place(gateway.Host, gateway.Port)))}{cluster}";
        }

        if (!IsRedis)
        {
            return Place(Host, Port);
        }

        var user = Uri.EscapeDataString(User ?? "");
        var login = HasPassword ? $"{user}:{password}@" : user.Length > 0 ? $"{user}@" : "";
        var database = Database == 0 ? "" : $"/{Database}";
        return $"{(IsSecure ? "rediss" : "redis")}://{login}{Place(Host, Port)}{database}{cluster}";
    }

    private string Query()
    {
        (string Name, string? Value)[] parts =
        [
            (ClusterAddressParser.ClusterKey, ClusterId == DefaultClusterId ? null : ClusterId), (ClusterAddressParser.AuthorityKey, RedisAuthorityFile),
            (ClusterAddressParser.CertificateKey, RedisCertificateFile), (ClusterAddressParser.KeyKey, RedisKeyFile), (ClusterAddressParser.PasswordKey, RedisPasswordFile),
        ];
        var query = string.Join('&', parts.Where(part => part.Value is not null).Select(part => $"{part.Name}={part.Value!.Replace("%", "%25", StringComparison.Ordinal).Replace("&", "%26", StringComparison.Ordinal)}"));
        return query.Length > 0 ? $"?{query}" : "";
    }

    private static string Place(string host, int port) => host.Contains(':', StringComparison.Ordinal) ? $"[{host}]:{port}" : $"{host}:{port}";
}
