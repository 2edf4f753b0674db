namespace Lcnn.Distributed.Grains.Catalogs;

/// <summary>Keeps a list; each run or sweep reports itself.</summary>
/// <remarks>
/// The whole list is written, so there are few writes: what is reported within half a second of one is stored by the next, together. It is
/// listed at once; an answer means that it is stored. Reentrant: the list changes in whole turns only.
/// </remarks>
internal abstract class CatalogGrain<TCatalog, TEntry>(IPersistentState<TCatalog> stored, TimeProvider clock) : Grain
    where TCatalog : Catalog<TEntry>
    where TEntry : class, IEquatable<TEntry>
{
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(0.5);

    private Task _writing = Task.CompletedTask;
    private Task? _next;
    private long? _wroteAt;

    public Task RecordAsync(TEntry entry, CancellationToken cancellationToken)
    {
        if (stored.State.Record(entry))
        {
            _next ??= WriteAfterAsync(_writing);
        }

        return (_next ?? _writing).WaitAsync(cancellationToken);
    }

    public Task<IReadOnlyList<TEntry>> ListAsync(int limit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(stored.State.Newest(limit));
    }

    private async Task WriteAfterAsync(Task earlier)
    {
        await earlier.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        await Task.Delay(_wroteAt is { } at && clock.GetElapsedTime(at) is var since && since < _pause ? _pause - since : TimeSpan.Zero, clock);
        await Task.Yield(); // the fields are set when this goes on
        (_writing, _next, _wroteAt) = (_next!, null, clock.GetTimestamp());
        try
        {
            await stored.WriteStateAsync();
        }
        catch
        {
            DeactivateOnIdle(); // memory and store may differ now: the next call begins with what is stored
            throw;
        }
    }
}
