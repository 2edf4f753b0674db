namespace Lcnn.Distributed.Grains.Catalogs;

/// <summary>Keeps a list; each run or sweep reports itself.</summary>
internal abstract class CatalogGrain<TCatalog, TEntry>(IPersistentState<TCatalog> stored) : Grain
    where TCatalog : Catalog<TEntry>
    where TEntry : class, IEquatable<TEntry>
{
    public async Task RecordAsync(TEntry entry, CancellationToken cancellationToken)
    {
        if (!stored.State.Record(entry))
        {
            return;
        }

        try
        {
            await stored.WriteStateAsync(cancellationToken);
        }
        catch
        {
            DeactivateOnIdle(); // memory and store may differ now: the next call begins with what is stored
            throw;
        }
    }

    public Task<IReadOnlyList<TEntry>> ListAsync(int limit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(stored.State.Newest(limit));
    }
}
