using System.Globalization;

namespace Lcnn.Distributed.Grains;

/// <summary>The keys of all grains.</summary>
internal static class GrainKeys
{
    /// <summary>Key of a worker: a new generation has new workers.</summary>
    public static string Worker(string runId, int generation, int rank) =>
        string.Create(CultureInfo.InvariantCulture, $"{runId}/{generation}/{rank}");
}
