using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.Storage;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>Keeps the list of runs; each run reports itself.</summary>
internal sealed class RunCatalogGrain([PersistentState("catalog", GrainStorageNames.Lcnn)] IPersistentState<RunCatalog> catalog)
    : Grain, IRunCatalogGrain
{
    public async Task RecordAsync(RunEntry entry, CancellationToken cancellationToken)
    {
        if (catalog.State.Record(entry))
        {
            await catalog.WriteOrForgetAsync(this, cancellationToken);
        }
    }

    public Task<IReadOnlyList<RunEntry>> ListAsync(int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<RunEntry>>([.. catalog.State.Runs.Take(Math.Clamp(limit, 0, RunCatalog.Capacity))]);
}
