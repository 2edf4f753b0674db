using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Client;

/// <summary>What a client may be told about connecting; every default fits a program that does nothing else.</summary>
public sealed record ConnectOptions
{
    /// <summary>For how long a first silo is looked for.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long one that was found may take to answer, busy as it may be.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Folder with <c>tls.crt</c>, <c>tls.key</c> and <c>ca.crt</c> for a cluster with certificates; with a <see cref="Token"/> <c>ca.crt</c> is enough. Null for a cluster without.</summary>
    public string? TlsFolder { get; init; }

    /// <summary>A secret that the cluster takes in place of a certificate; null for none. Never shown.</summary>
    public string? Token { get; init; }

    /// <summary>The clock of time-outs and pauses. Default: the system's.</summary>
    public TimeProvider? Clock { get; init; }

    /// <summary>Where the client's own log goes; nowhere by default.</summary>
    public Action<ILoggingBuilder> Logging { get; init; } = _ => { };
}
