using System.Globalization;
using System.Net;

namespace Lcnn.Distributed.Client;

/// <summary>Reads <c>redis://[user[:password]@]host[:port][/db][?cluster=NAME]</c>, <c>rediss://...</c>, <c>lcnn://host[:port],...</c> and <c>localhost[:port]</c>.</summary>
/// <remarks>No message repeats the text: a mistyped address may show its password where nobody looks for one.</remarks>
internal static class ClusterAddressParser
{
    private const string Expected = "expected redis://[user[:password]@]host[:port][/db], rediss://..., lcnn://gateway[:port][,...], or localhost[:gateway port]";
    private const int MaxNameLength = 64;

    /// <summary>Names behind the question mark; those of files as in redis-py.</summary>
    public const string ClusterKey = "cluster";
    public const string AuthorityKey = "ssl_ca_certs";
    public const string CertificateKey = "ssl_certfile";
    public const string KeyKey = "ssl_keyfile";
    public const string PasswordKey = "password_file";

    private static readonly string[] _files = [AuthorityKey, CertificateKey, KeyKey, PasswordKey];

    public static ClusterAddress Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        text = text.Trim();
        if (text.Length > 0 && text[0] is '"' or '\'')
        {
            throw new FormatException($"it is in quotation marks: leave them out; {Expected}");
        }

        return SplitScheme(text) switch
        {
            ["redis", var rest] => ParseRedis(rest, isSecure: false),
            ["rediss", var rest] => ParseRedis(rest, isSecure: true),
            ["lcnn", var rest] => ParseGateways(rest),
            [_, _] => throw new FormatException($"the part before '://' is not 'redis', 'rediss' or 'lcnn'; {Expected}"),
            _ => ParseLocal(text),
        };
    }

    private static string[] SplitScheme(string text) => text.Split("://", 2) switch
    {
        [var scheme, var rest] => [scheme.ToLowerInvariant(), rest],
        var whole => whole,
    };

    private static ClusterAddress ParseLocal(string text)
    {
        if (text.Length == 0)
        {
            throw new FormatException($"it is empty; {Expected}");
        }

        var (host, port) = SplitPort(text);
        return host is "localhost" or "127.0.0.1" or "::1"
            ? ClusterAddress.Localhost(ParsePort(port, ClusterAddress.DefaultGatewayPort))
            : throw new FormatException($"its beginning is missing, such as 'redis://'; without Redis a cluster is on this machine only, or named as lcnn://host:port; {Expected}");
    }

    private static ClusterAddress ParseGateways(string rest)
    {
        var parts = rest.Split('?', 2);
        var gateways = parts[0].TrimEnd('/').Split(',').Select(ParseGateway);
        return ClusterAddress.Behind(gateways, ParseCluster(parts.ElementAtOrDefault(1)));
    }

    private static DnsEndPoint ParseGateway(string place)
    {
        var (host, port) = SplitPort(place.Trim());
        return host.Length > 0 && !host.Any(letter => char.IsWhiteSpace(letter) || char.IsControl(letter) || letter is '@' or '/' or '=')
            ? new DnsEndPoint(host, ParsePort(port, ClusterAddress.DefaultGatewayPort))
            : throw new FormatException($"a gateway's host is missing or not a name; {Expected}");
    }

    private static ClusterAddress ParseRedis(string rest, bool isSecure)
    {
        // The last @ ends the login, so that a password with an unescaped / or @ is read as meant.
        var at = rest.LastIndexOf('@');
        var (user, password) = at < 0 ? (null, null) : ParseLogin(rest[..at]);
        var place = rest[(at + 1)..].Split('?', 2);
        var path = place[0].Split('/', 2);
        var (host, port) = SplitPort(path[0]);
        if (host.Length == 0 || host.Any(letter => char.IsWhiteSpace(letter) || char.IsControl(letter) || letter is ',' or '='))
        {
            throw new FormatException($"the host is missing or not a name; {Expected}");
        }

        var query = ParseQuery(place.ElementAtOrDefault(1), isSecure);
        return new ClusterAddress
        {
            IsRedis = true,
            IsSecure = isSecure,
            Host = host,
            Port = ParsePort(port, ClusterAddress.DefaultRedisPort),
            User = user,
            Password = password,
            Database = ParseDatabase(path.ElementAtOrDefault(1)),
            ClusterId = query.GetValueOrDefault(ClusterKey, ClusterAddress.DefaultClusterId),
            RedisAuthorityFile = query.GetValueOrDefault(AuthorityKey),
            RedisCertificateFile = query.GetValueOrDefault(CertificateKey),
            RedisKeyFile = query.GetValueOrDefault(KeyKey),
            RedisPasswordFile = query.GetValueOrDefault(PasswordKey) is not { } file ? null
                : password is null ? file
                : throw new FormatException($"it has a password and '{PasswordKey}': leave one of them out; {Expected}"),
        };
    }

    private static (string? User, string? Password) ParseLogin(string login)
    {
        var parts = login.Split(':', 2);
        var user = parts[0].Length == 0 ? null : Uri.UnescapeDataString(parts[0]);
        return (user, parts.Length < 2 || parts[1].Length == 0 ? null : Uri.UnescapeDataString(parts[1]));
    }

    private static (string Host, string? Port) SplitPort(string place)
    {
        if (place.Count(letter => letter == ':') > 1 && place != "::1" && !place.StartsWith('['))
        {
            throw new FormatException($"an IPv6 address is to be in brackets, as in redis://[::1]:6379; {Expected}");
        }

        if (place.StartsWith('[') && place.IndexOf(']', StringComparison.Ordinal) is > 0 and var end)
        {
            return !IPAddress.TryParse(place[1..end], out _)
                ? throw new FormatException($"what is in brackets is not an IPv6 address; {Expected}")
                : (place[1..end], place[(end + 1)..] is { Length: > 0 } after ? after.TrimStart(':') : null);
        }

        var colon = place.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 || place == "::1" ? (place, null) : (place[..colon], place[(colon + 1)..]);
    }

    private static int ParsePort(string? port, int standard) =>
        port is null ? standard
        : port.All(char.IsAsciiDigit) && int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 65535 ? number
        : throw new FormatException($"the port is not a number from 1 to 65535; {Expected}");

    private static int ParseDatabase(string? database) =>
        string.IsNullOrEmpty(database) ? 0
        : database.All(char.IsAsciiDigit) && int.TryParse(database, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new FormatException($"the database after '/' is not a number; {Expected}");

    private static string ParseCluster(string? query) => ParseQuery(query, isSecure: null).GetValueOrDefault(ClusterKey, ClusterAddress.DefaultClusterId);

    // isSecure: null for gateways.
    private static Dictionary<string, string> ParseQuery(string? query, bool? isSecure)
    {
        var found = new Dictionary<string, string>();
        foreach (var part in string.IsNullOrEmpty(query) ? [] : query.Split('&'))
        {
            var (name, value) = part.Split('=', 2) is [var key, var text] ? (key, Uri.UnescapeDataString(text)) : (part, "");
            var problem = name == ClusterKey ? IsName(value) ? null : $"the part after '?' is not 'cluster=NAME' with a name of up to {MaxNameLength} letters, digits, '-', '_' and '.'"
                : !_files.Contains(name) ? $"the part after '?' is not 'cluster=NAME', nor '{PasswordKey}=FILE', nor, for rediss://, {string.Join(", ", _files.Where(file => file != PasswordKey))}"
                : name == PasswordKey && isSecure is null ? $"'{name}' is for redis:// and rediss:// alone"
                : name != PasswordKey && isSecure != true ? $"'{name}' is for rediss:// alone"
                : value.Length == 0 || value.Any(char.IsControl) ? $"'{name}' names no file"
                : null;
            if (problem is not null || !found.TryAdd(name, value))
            {
                throw new FormatException($"{problem ?? $"'{name}' is there twice"}; {Expected}");
            }
        }

        return found.ContainsKey(CertificateKey) == found.ContainsKey(KeyKey) ? found
            : throw new FormatException($"'{CertificateKey}' and '{KeyKey}' go together; {Expected}");
    }

    private static bool IsName(string name) =>
        name.Length is >= 1 and <= MaxNameLength && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.');
}
