using Lcnn.Distributed.Contracts.Cluster;

namespace Lcnn.Distributed.Grains.Placement;

/// <summary>The slots of all silos, within a bounded time.</summary>
internal interface IClusterSilos
{
    /// <summary>Asks every active silo.</summary>
    Task<ClusterSlots> LookAsync(CancellationToken cancellationToken);

    /// <summary>Reserves on one silo; null when it has too few slots or does not answer.</summary>
    /// <exception cref="SlotRefusedException">The generation is outdated.</exception>
    Task<IReadOnlyList<DeviceSlot>?> ReserveAsync(GangShare share, CancellationToken cancellationToken);

    /// <summary>Releases on one silo; nothing happens when it does not answer, and reservations lapse there.</summary>
    Task ReleaseAsync(string silo, string runId, int generation, CancellationToken cancellationToken);
}
