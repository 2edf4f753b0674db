using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Client;

/// <summary>How a client connects.</summary>
public sealed record ConnectOptions
{
    /// <summary>How long a first silo may take to answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Where time comes from.</summary>
    public TimeProvider? Clock { get; init; }

    /// <summary>Where the client's own log goes; nowhere by default.</summary>
    public Action<ILoggingBuilder> Logging { get; init; } = _ => { };
}
