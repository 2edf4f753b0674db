using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>The report that a completed run leaves in its folder.</summary>
internal static class RunReportFile
{
    /// <summary>Name in the run's folder.</summary>
    public const string Name = "report.json";

    /// <summary>Writes the completed event as JSON, all or nothing.</summary>
    public static void Write(RunCompleted completed)
    {
        var path = Path.Combine(completed.Spec.OutputDirectory, Name);
        var temporary = path + ".tmp";
        File.WriteAllText(temporary, RunEventJson.Serialize(completed) + "\n");
        File.Move(temporary, path, overwrite: true);
    }
}
