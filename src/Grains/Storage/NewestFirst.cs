namespace Lcnn.Distributed.Grains.Storage;

/// <summary>A bounded list of entries by when they were submitted, newest first.</summary>
internal static class NewestFirst
{
    /// <summary>Puts an entry in or replaces the one of its id; of the least rank the oldest go when there are too many.</summary>
    /// <returns>Whether anything changed.</returns>
    public static bool Record<T>(List<T> entries, T entry, Func<T, string> idOf, Func<T, DateTimeOffset> timeOf, Func<T, int> rankOf, int capacity)
        where T : class, IEquatable<T>
    {
        ArgumentNullException.ThrowIfNull(entry);
        var known = entries.FindIndex(other => idOf(other) == idOf(entry));
        if (known >= 0 && entries[known].Equals(entry))
        {
            return false;
        }

        if (known >= 0)
        {
            entries.RemoveAt(known);
        }

        var place = entries.FindIndex(other => timeOf(other) <= timeOf(entry));
        entries.Insert(place < 0 ? entries.Count : place, entry);
        while (entries.Count > capacity)
        {
            var least = entries.Min(rankOf);
            entries.RemoveAt(entries.FindLastIndex(other => rankOf(other) == least));
        }

        return true;
    }
}
