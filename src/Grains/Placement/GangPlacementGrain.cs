using Lcnn.Distributed.Contracts.Cluster;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Lcnn.Distributed.Grains.Placement;

/// <summary>One queue for the cluster. Requests are served in rounds, each within a few silo timeouts.</summary>
/// <remarks>Reentrant, because those who wait for slots wait inside it: what outlives an await is the queue, and what the silos are asked for (<see cref="GangPlacement"/>).</remarks>
[KeepAlive, Immovable, Reentrant]
internal sealed class GangPlacementGrain : Grain, IGangPlacementGrain
{
    private static readonly TimeSpan _longestPatience = TimeSpan.FromSeconds(20); // before the caller's own ends

    private readonly GangQueue _queue;
    private readonly ClusterSilos _silos;
    private readonly GangPlacement _placement;

    public GangPlacementGrain(
        SlotSilos silos, IGrainFactory grains, IOptions<PlacementOptions> options, TimeProvider clock,
        ILogger<GangPlacementGrain> logger)
    {
        _queue = new GangQueue(options.Value.QueueTimeout, clock);
        _silos = new ClusterSilos(silos, grains, options.Value, clock, logger);
        _placement = new GangPlacement(_queue, _silos, options.Value.RoundInterval, clock);
    }

    public Task<IReadOnlyList<DeviceSlot>?> RequestAsync(GangRequest request, CancellationToken cancellationToken) =>
        _placement.RequestAsync(request, cancellationToken);

    public Task<IReadOnlyList<DeviceSlot>?> AwaitAsync(GangRequest request, TimeSpan patience, CancellationToken cancellationToken) =>
        _placement.AwaitAsync(request, patience < _longestPatience ? patience : _longestPatience, cancellationToken);

    public Task WithdrawAsync(string runId, CancellationToken cancellationToken)
    {
        _queue.Leave(runId);
        return Task.CompletedTask;
    }

    public Task<int> CountGrantedAsync(GangRequest request, CancellationToken cancellationToken) =>
        _placement.CountGrantedAsync(request, cancellationToken);

    public Task<IReadOnlyList<string>> GetAheadAsync(GangRequest request, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<string>>([.. _queue.AheadOf(request).Select(other => other.RunId)]);

    public async Task<IReadOnlyList<SiloReport>> GetSilosAsync(CancellationToken cancellationToken) =>
        (await _silos.LookAsync(cancellationToken)).Silos;
}
