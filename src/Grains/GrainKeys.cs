using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Lcnn.Distributed.Grains;

/// <summary>The keys of all grains.</summary>
internal static class GrainKeys
{
    private const char SiloMark = '@';

    /// <summary>Key of a trial's run; one that goes on, or begins again, is a run of its own.</summary>
    public static string Trial(string sweepId, int number, int segment) => segment == 1
        ? string.Create(CultureInfo.InvariantCulture, $"{sweepId}-{number:d4}")
        : string.Create(CultureInfo.InvariantCulture, $"{sweepId}-{number:d4}-{segment}");

    /// <summary>Key of a worker: a new generation has new workers.</summary>
    public static string Worker(string runId, int generation, int rank) =>
        string.Create(CultureInfo.InvariantCulture, $"{runId}/{generation}/{rank}");

    /// <summary>Key of a worker that lives on one silo, as <c>SiloAddress.ToParsableString</c> writes it.</summary>
    public static string Worker(string runId, int generation, int rank, string silo) =>
        Worker(runId, generation, rank) + SiloMark + silo;

    /// <summary>Key of a silo's slots.</summary>
    public static string SiloSlots(string silo) => silo;

    /// <summary>Key of a silo's view of the folders.</summary>
    public static string SiloStorage(string silo) => silo;

    /// <summary>Key of what a silo reaches of the store of records.</summary>
    public static string SiloReach(string silo) => silo;

    /// <summary>Key of the grain that reads a run's folder on one silo.</summary>
    public static string SnapshotFiles(string runId, string silo) => $"{runId}/{SiloMark}{silo}";

    /// <summary>The run of such a key.</summary>
    public static string RunOfSnapshotFiles(string key) => key[..key.LastIndexOf('/')];

    /// <summary>The silo that a key names: behind the mark in its last part, or the whole key where it has but one part.</summary>
    public static bool TryGetSilo(string key, [NotNullWhen(true)] out SiloAddress? silo)
    {
        // An address has a mark of its own, but never a slash.
        var part = key.LastIndexOf('/') + 1;
        return SiloAddress.TryParse(part == 0 ? key : key[(key.IndexOf(SiloMark, part) + 1)..], out silo);
    }
}
