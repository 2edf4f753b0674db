namespace Lcnn.Distributed.Contracts.Cluster;

/// <summary>The slots of one silo; keyed by, and always placed on, that silo, which alone decides who has them.</summary>
[Alias("lcnn.ISiloSlotsGrain")]
public interface ISiloSlotsGrain : IGrainWithStringKey
{
    /// <summary>The slots as they are.</summary>
    [Alias("GetAsync")]
    Task<SiloReport> GetAsync(CancellationToken cancellationToken);

    /// <summary>What the names that the silo's program adds stand for.</summary>
    [Alias("GetProgramAsync")]
    Task<SiloProgramReport> GetProgramAsync(CancellationToken cancellationToken);

    /// <summary>Keeps free slots for some ranks until their workers take them, or the reservation lapses.</summary>
    /// <returns>One slot for each holder in order, or null when there are too few: then nothing is kept.</returns>
    [Alias("ReserveAsync")]
    Task<IReadOnlyList<DeviceSlot>?> ReserveAsync(IReadOnlyList<SlotHolder> holders, CancellationToken cancellationToken);

    /// <summary>Gives up what a generation of a run has reserved or holds here; workers that still run are told to leave.</summary>
    [Alias("ReleaseAsync")]
    Task ReleaseAsync(string runId, int generation, CancellationToken cancellationToken);
}
