using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Grains.Storage;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>The catalog's stored state: the newest sweeps, by when they were submitted.</summary>
public sealed class SweepCatalog
{
    /// <summary>Sweeps kept; of those that are done the oldest go first.</summary>
    public const int Capacity = 1000;

    /// <summary>Newest first.</summary>
    public List<SweepEntry> Sweeps { get; set; } = [];

    /// <summary>Puts a sweep in or replaces it.</summary>
    /// <returns>Whether anything changed.</returns>
    public bool Record(SweepEntry entry) => NewestFirst.Record(Sweeps, entry, other => other.SweepId, other => other.SubmittedAt, RankOf, Capacity);

    private static int RankOf(SweepEntry entry) => entry.Phase is SweepPhase.Completed or SweepPhase.Failed ? 0 : 1;
}
