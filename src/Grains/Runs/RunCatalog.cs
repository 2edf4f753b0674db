using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>The catalog's stored state: the newest runs, by when they were submitted.</summary>
public sealed class RunCatalog
{
    /// <summary>Runs kept; the oldest go first.</summary>
    public const int Capacity = 1000;

    /// <summary>Newest first.</summary>
    public List<RunEntry> Runs { get; set; } = [];

    /// <summary>Puts a run in or replaces it.</summary>
    /// <returns>Whether anything changed.</returns>
    public bool Record(RunEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var known = Runs.FindIndex(run => run.RunId == entry.RunId);
        if (known >= 0 && Runs[known] == entry)
        {
            return false;
        }

        if (known >= 0)
        {
            Runs.RemoveAt(known);
        }

        var place = Runs.FindIndex(run => run.SubmittedAt <= entry.SubmittedAt);
        Runs.Insert(place < 0 ? Runs.Count : place, entry);
        if (Runs.Count > Capacity)
        {
            Runs.RemoveRange(Capacity, Runs.Count - Capacity);
        }

        return true;
    }
}
