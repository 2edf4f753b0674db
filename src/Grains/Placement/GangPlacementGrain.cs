using Lcnn.Distributed.Contracts.Cluster;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Placement;

namespace Lcnn.Distributed.Grains.Placement;

/// <summary>One queue for the cluster. Requests are served one after the other, each within a few silo timeouts.</summary>
[KeepAlive, Immovable]
internal sealed class GangPlacementGrain : Grain, IGangPlacementGrain
{
    private readonly GangQueue _queue;
    private readonly ClusterSilos _silos;
    private readonly GangPlacement _placement;

    public GangPlacementGrain(
        IClusterMembershipService membership, IGrainFactory grains, IOptions<PlacementOptions> options, TimeProvider clock,
        ILogger<GangPlacementGrain> logger)
    {
        _queue = new GangQueue(options.Value.QueueTimeout, clock);
        _silos = new ClusterSilos(membership, grains, options.Value, clock, logger);
        _placement = new GangPlacement(_queue, _silos);
    }

    public Task<IReadOnlyList<DeviceSlot>?> RequestAsync(GangRequest request, CancellationToken cancellationToken) =>
        _placement.RequestAsync(request, cancellationToken);

    public Task WithdrawAsync(string runId, CancellationToken cancellationToken)
    {
        _queue.Leave(runId);
        return Task.CompletedTask;
    }

    public Task<int> CountGrantedAsync(GangRequest request, CancellationToken cancellationToken) =>
        _placement.CountGrantedAsync(request, cancellationToken);

    public async Task<IReadOnlyList<SiloReport>> GetSilosAsync(CancellationToken cancellationToken) =>
        (await _silos.LookAsync(cancellationToken)).Silos;
}
