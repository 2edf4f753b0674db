using System.Net.Sockets;

namespace Lcnn.Distributed.Client;

/// <summary>Why a Redis cannot be used, and what to mend, for people.</summary>
internal static class RedisProblems
{
    private const int MostQuoted = 60;
    private const string RefusedMark = "RedisServerException: ";

    /// <summary>Nothing takes a connection.</summary>
    public static ClusterUnreachableException Unreachable(ClusterAddress address, Exception exception) => CannotBeUsed(address, Of(exception, address, RedisStage.Connecting), exception);

    /// <summary>The exception with a reason in it.</summary>
    public static ClusterUnreachableException CannotBeUsed(ClusterAddress address, string reason, Exception? exception = null) =>
        new($"the Redis of {address} cannot be used: {reason}", exception);

    /// <param name="exception">What went wrong on the way.</param>
    /// <param name="address">Which Redis.</param>
    /// <param name="stage">How far the way had led.</param>
    public static string Of(Exception exception, ClusterAddress address, RedisStage stage) => exception switch
    {
        RedisRefusedException refused => Of(refused, address),
        InvalidDataException { Message: var said } => OfAnother(said),
        SocketException socket when stage == RedisStage.Connecting => Of(socket, address),
        OperationCanceledException when stage == RedisStage.Connecting => $"nothing answers at {address.Host} within 5 seconds: mend the host, or open port {address.Port} in the firewall",
        OperationCanceledException when stage == RedisStage.Securing => $"it does not answer TLS within 5 seconds: if port {address.Port} is its plain port, use redis://",
        OperationCanceledException => $"what listens on port {address.Port} does not answer as Redis does within 5 seconds; mend the port, or look whether Redis hangs",
        _ when address.IsSecure && Texts(exception).Any(IsCertificateWanted) => "it wants a certificate of its clients: name one as '?ssl_certfile=FILE&ssl_keyfile=FILE' in the address, or set its 'tls-auth-clients' to no",
        System.Security.Authentication.AuthenticationException or IOException or SocketException when address.IsSecure =>
            $"it ends the TLS handshake: no TLS on port {address.Port} (then use redis://), or it wants another certificate of its clients ('ssl_certfile' and 'ssl_keyfile' in the address)",
        IOException or SocketException => $"it ends the connection at once: if port {address.Port} is its TLS port, use rediss://",
        _ => exception.Message.ReplaceLineEndings(" "),
    };

    /// <summary>What a library says of a Redis that it used to reach, in a few words: its own text is a page of counters and advice.</summary>
    /// <returns>Null if it is about something else.</returns>
    public static string? InShort(Exception exception) => Texts(exception).Select(InShort).FirstOrDefault(static text => text is not null);

    private static string? InShort(string text) =>
        text.Contains("RedisTimeoutException", StringComparison.Ordinal) || text.Contains("Timeout performing", StringComparison.Ordinal)
            || text.Contains("Timeout awaiting", StringComparison.Ordinal) ? "Redis does not answer in time"
        : text.Contains("RedisConnectionException", StringComparison.Ordinal) || text.Contains("No connection is active", StringComparison.Ordinal)
            || text.Contains("timed out in the backlog", StringComparison.Ordinal) || text.Contains("was not possible to connect to the redis server", StringComparison.Ordinal)
            || text.Contains("SocketFailure", StringComparison.Ordinal) || text.Contains("SocketClosed", StringComparison.Ordinal)
            || text.Contains("ConnectionDisposed", StringComparison.Ordinal) || text.Contains("UnableToConnect", StringComparison.Ordinal) ? "Redis cannot be reached"
        : text.IndexOf(RefusedMark, StringComparison.Ordinal) is >= 0 and var mark ? $"Redis refuses: {Quote(text[(mark + RefusedMark.Length)..])}"
        : null;

    private static string Of(SocketException socket, ClusterAddress address) => socket.SocketErrorCode switch
    {
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => $"the host '{address.Host}' is not known to this machine; mend the name or the DNS",
        SocketError.ConnectionRefused => $"nothing answers there: no program listens on port {address.Port} of {address.Host}; start it, or mend host and port",
        SocketError.NetworkUnreachable or SocketError.HostUnreachable or SocketError.AddressNotAvailable =>
            $"no address of '{address.Host}' can be reached from this machine ({socket.Message}); mend the host or the network",
        SocketError.TimedOut => $"nothing answers at {address.Host}: mend the host, or open port {address.Port} in the firewall",
        _ => $"{socket.Message}; mend host and port",
    };

    private static string Of(RedisRefusedException refused, ClusterAddress address) => refused.Kind switch
    {
        "NOAUTH" => "it refuses whoever has no password: give one as redis://:PASSWORD@host, or as redis://USER:PASSWORD@host",
        "WRONGPASS" => $"it refuses the user or the password of '{address.User ?? "default"}' (WRONGPASS); in an address a '%' of a password is written %25",
        "NOPERM" => $"its user '{address.User ?? "default"}' lacks permissions: {refused.Message}",
        "DENIED" => "it is in protected mode, which takes connections of its own machine alone: set a password there ('requirepass')",
        "READONLY" => "it is a replica, which takes no writes (READONLY): give the address of its master",
        "MASTERDOWN" => "it is a replica that has lost its master (MASTERDOWN): give the address of the master",
        "LOADING" => "it is still loading its data (LOADING): try again in a moment",
        "BUSY" => "it is busy with somebody's script (BUSY): try again, or end the script",
        "OOM" => "its memory is full (OOM): raise its 'maxmemory', or remove keys",
        "MISCONF" => "it takes no writes, because it cannot save them (MISCONF): make room on its disk, or mend its 'dir'",
        "NOREPLICAS" => "it takes no writes while its replicas are away (NOREPLICAS): see its 'min-replicas-to-write'",
        "MOVED" or "ASK" or "CLUSTERDOWN" or "CROSSSLOT" => $"it is a part of a Redis Cluster, which keeps our keys elsewhere ({refused.Kind}): give a Redis that stands alone",
        "ERR" when refused.Message.Contains("max number of clients", StringComparison.Ordinal) => "it has as many clients as it takes: raise its 'maxclients'",
        "ERR" when refused.Message.Contains("DB index is out of range", StringComparison.Ordinal) =>
            $"it has no database {address.Database}: give another after '/', or raise its 'databases'",
        "ERR" when refused.Message.Contains("SELECT is not allowed", StringComparison.Ordinal) => "it is a Redis Cluster, which has database 0 alone: leave the '/' and the number out",
        "ERR" when refused.Message.Contains("without any password configured", StringComparison.Ordinal) => "its default user has no password, but the address gives one: leave it out, or name the user",
        "ERR" when refused.Message.Contains("number of arguments for 'auth'", StringComparison.OrdinalIgnoreCase) => "it is older than Redis 6 and knows no users: give the password alone, as redis://:PASSWORD@host",
        "ERR" when refused.Message.Contains("unknown command", StringComparison.Ordinal) => $"it does not know a command that is needed; Redis 5 or later has them all ({Quote(refused.Message)})",
        _ => $"it answers with an error: {Quote(refused.Message)}",
    };

    // TLS answers plain text with an alert: a byte 21, then its version.
    private static string OfAnother(string said) =>
        said.StartsWith('\x15') ? "it speaks TLS on that port: use rediss://"
        : said.StartsWith("HTTP/", StringComparison.Ordinal) ? "a web server answers there, no Redis; mend host and port"
        : said.Length == 0 ? "what answers there is no Redis; mend host and port"
        : $"what answers there is no Redis (it says '{Quote(said)}'); mend host and port";

    private static bool IsCertificateWanted(string text) =>
        text.Contains("certificate required", StringComparison.OrdinalIgnoreCase) || text.Contains("certificate_required", StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<string> Texts(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            yield return exception.Message;
        }
    }

    private static string Quote(string text)
    {
        var plain = new string([.. text.Select(letter => char.IsControl(letter) ? '?' : letter)]);
        return plain.Length <= MostQuoted ? plain : $"{plain[..MostQuoted]}...";
    }
}

/// <summary>How far a conversation with Redis has come.</summary>
internal enum RedisStage
{
    /// <summary>Nothing has taken the connection yet.</summary>
    Connecting,

    /// <summary>TLS is being agreed on.</summary>
    Securing,

    /// <summary>Commands are answered.</summary>
    Talking,
}
