using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Grains.Storage;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>Keeps the list of sweeps; each sweep reports itself.</summary>
internal sealed class SweepCatalogGrain([PersistentState("sweeps", GrainStorageNames.Lcnn)] IPersistentState<SweepCatalog> catalog)
    : Grain, ISweepCatalogGrain
{
    public async Task RecordAsync(SweepEntry entry, CancellationToken cancellationToken)
    {
        if (catalog.State.Record(entry))
        {
            await catalog.WriteOrForgetAsync(this, cancellationToken);
        }
    }

    public Task<IReadOnlyList<SweepEntry>> ListAsync(int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<SweepEntry>>([.. catalog.State.Sweeps.Take(Math.Clamp(limit, 0, SweepCatalog.Capacity))]);
}
