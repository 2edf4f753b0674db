using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Client;

/// <summary>What a client may be told about connecting; every default fits a program that does nothing else.</summary>
public sealed record ConnectOptions
{
    /// <summary>For how long a first silo is looked for.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long one that was found may take to answer, busy as it may be.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The clock of time-outs and pauses. Default: the system's.</summary>
    public TimeProvider? Clock { get; init; }

    /// <summary>Where the client's own log goes; nowhere by default.</summary>
    public Action<ILoggingBuilder> Logging { get; init; } = _ => { };
}
