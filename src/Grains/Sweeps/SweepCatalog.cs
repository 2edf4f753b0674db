using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>The catalog's stored state: the newest sweeps, by when they were submitted.</summary>
public sealed class SweepCatalog
{
    /// <summary>Sweeps kept; the oldest go first.</summary>
    public const int Capacity = 1000;

    /// <summary>Newest first.</summary>
    public List<SweepEntry> Sweeps { get; set; } = [];

    /// <summary>Puts a sweep in or replaces it.</summary>
    /// <returns>Whether anything changed.</returns>
    public bool Record(SweepEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (Sweeps.Contains(entry))
        {
            return false;
        }

        Sweeps.RemoveAll(sweep => sweep.SweepId == entry.SweepId);
        var place = Sweeps.FindIndex(sweep => sweep.SubmittedAt <= entry.SubmittedAt);
        Sweeps.Insert(place < 0 ? Sweeps.Count : place, entry);
        if (Sweeps.Count > Capacity)
        {
            Sweeps.RemoveRange(Capacity, Sweeps.Count - Capacity);
        }

        return true;
    }
}
