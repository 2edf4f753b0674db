using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.Storage;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>The catalog's stored state: the newest runs, by when they were submitted.</summary>
public sealed class RunCatalog
{
    /// <summary>Runs kept; finished trials of sweeps go first, then other finished runs, the oldest of them.</summary>
    public const int Capacity = 1000;

    /// <summary>Newest first.</summary>
    public List<RunEntry> Runs { get; set; } = [];

    /// <summary>Puts a run in or replaces it.</summary>
    /// <returns>Whether anything changed.</returns>
    public bool Record(RunEntry entry) => NewestFirst.Record(Runs, entry, other => other.RunId, other => other.SubmittedAt, RankOf, Capacity);

    private static int RankOf(RunEntry entry) => !entry.IsFinished() ? 2 : entry.IsTrial() ? 0 : 1;
}
