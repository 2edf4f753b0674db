namespace Lcnn.Distributed.Grains.Catalogs;

/// <summary>Bounds of every catalog.</summary>
public static class Catalog
{
    /// <summary>Entries kept.</summary>
    public const int Capacity = 1000;
}

/// <summary>A catalog's stored state: the newest runs or sweeps, by when they were submitted.</summary>
public abstract class Catalog<TEntry>
    where TEntry : class, IEquatable<TEntry>
{
    /// <summary>Puts an entry in or replaces the one of its id; of the least rank the oldest go when there are too many.</summary>
    /// <returns>Whether anything changed.</returns>
    public bool Record(TEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var known = Entries.FindIndex(other => IdOf(other) == IdOf(entry));
        if (known >= 0 && Entries[known].Equals(entry))
        {
            return false;
        }

        if (known >= 0)
        {
            Entries.RemoveAt(known);
        }

        var place = Entries.FindIndex(other => TimeOf(other) <= TimeOf(entry));
        Entries.Insert(place < 0 ? Entries.Count : place, entry);
        while (Entries.Count > Catalog.Capacity)
        {
            var least = Entries.Min(RankOf);
            Entries.RemoveAt(Entries.FindLastIndex(other => RankOf(other) == least));
        }

        return true;
    }

    /// <summary>The newest entries.</summary>
    public IReadOnlyList<TEntry> Newest(int limit) => [.. Entries.Take(Math.Clamp(limit, 0, Catalog.Capacity))];

    /// <summary>Newest first; stored under a name of their own.</summary>
    protected abstract List<TEntry> Entries { get; }

    /// <summary>What tells an entry from others.</summary>
    protected abstract string IdOf(TEntry entry);

    /// <summary>When it was submitted.</summary>
    protected abstract DateTimeOffset TimeOf(TEntry entry);

    /// <summary>Who stays: what is finished ranks lower than what is not.</summary>
    protected abstract int RankOf(TEntry entry);
}
