using Lcnn.Distributed.Client.Security;
using Lcnn.Distributed.Contracts.Security;
using Lcnn.Distributed.Grains.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SiloOptions = Lcnn.Distributed.Silo.Configuration.SiloOptions;

namespace Lcnn.Distributed.Silo.Security;

/// <summary>What a silo's options say of its doors, with the files read.</summary>
internal sealed partial class Doors
{
    private readonly TurnedAway _turnedAway;
    private readonly ILogger _logger;

    public Doors(IServiceProvider services)
    {
        var (options, clock) = (services.GetService<IOptions<SiloOptions>>()?.Value, services.GetRequiredService<TimeProvider>());
        _logger = services.GetRequiredService<ILogger<Doors>>();
        _turnedAway = services.GetRequiredService<TurnedAway>();
        Certificates = options?.TlsFolder is { } folder ? new TlsFolder(folder, Role.Silo, clock, _logger) : null;
        Tokens = options?.TokenFile is { } file ? new ClientTokens(file, clock, _logger) : null;
    }

    /// <summary>Null for a silo without.</summary>
    public TlsFolder? Certificates { get; }

    /// <summary>Null where only certificates count.</summary>
    public ClientTokens? Tokens { get; }

    /// <summary>Notes a connection that was turned away.</summary>
    public void Refuse(string problem)
    {
        Measures.CountRefused("connection");
        if (_turnedAway.Count(problem) is { } count)
        {
            LogRefused(problem, count);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A connection was turned away: {Problem} ({Count} calls and connections turned away so far)")]
    private partial void LogRefused(string problem, long count);
}
