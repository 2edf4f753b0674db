using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Grains.Storage;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>The report that a completed run leaves in its folder.</summary>
internal static class RunReportFile
{
    /// <summary>Name in the run's folder.</summary>
    public const string Name = SnapshotFiles.Report;

    /// <summary>The same of a run that only evaluated.</summary>
    public const string EvaluationName = "evaluation.json";

    /// <summary>Writes the completed event as JSON, all or nothing.</summary>
    public static void Write(RunCompleted completed) =>
        WholeFile.WriteLine(completed.Spec.OutputDirectory, completed.Spec.EvalOnly ? EvaluationName : Name, RunEventJson.Serialize(completed));
}
