using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Grains.Storage;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>The result that a sweep leaves in its folder.</summary>
internal static class SweepResultFile
{
    /// <summary>Name in the sweep's folder.</summary>
    public const string Name = "sweep.json";

    /// <summary>Writes the completed event as JSON, all or nothing.</summary>
    public static void Write(SweepSpec spec, SweepCompleted completed) =>
        WholeFile.WriteLine(spec.OutputDirectory, Name, SweepEventJson.Serialize(completed));
}
