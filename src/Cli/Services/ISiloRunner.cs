using Lcnn.Distributed.Client;
using Lcnn.Distributed.Silo.Configuration;

namespace Lcnn.Distributed.Cli.Services;

/// <summary>Runs a silo in this process.</summary>
internal interface ISiloRunner
{
    /// <summary>Runs until asked to stop, or until the silo itself has to.</summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="onReady">Told once it takes part in its cluster.</param>
    /// <param name="onFault">Told why it has to stop, as soon as that is known.</param>
    /// <param name="stopping">Asks it to stop.</param>
    /// <returns>Whether it stopped because it was asked.</returns>
    Task<bool> RunAsync(SiloRequest request, Action<SiloReady> onReady, Action<string> onFault, CancellationToken stopping);
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
    public int? HttpPort { get; init; }
    public int ProcessId { get; init; }
}
