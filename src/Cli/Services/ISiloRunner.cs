using Lcnn.Distributed.Client;
using Lcnn.Distributed.Silo.Configuration;

namespace Lcnn.Distributed.Cli.Services;

/// <summary>Runs a silo in this process.</summary>
internal interface ISiloRunner
{
    /// <summary>Runs until asked to stop, or until the silo itself has to.</summary>
    /// <returns>Why it had to; null when it was asked.</returns>
    Task<string?> RunAsync(SiloRequest request, Action<SiloReady> onReady, CancellationToken stopping);
}

/// <summary>What <c>lcnn silo</c> was asked for.</summary>
internal sealed record SiloRequest(ClusterAddress Address, Action<SiloOptions> Configure);

/// <summary>A silo takes part in its cluster.</summary>
internal sealed record SiloReady : Report
{
    protected override string Kind => "ready";
    public string Silo { get; init; } = "";
    public string Name { get; init; } = "";
    public int Slots { get; init; }
    public int GatewayPort { get; init; }
    public int ProcessId { get; init; }
}
