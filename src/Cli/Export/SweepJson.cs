using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Cli.Export;

/// <summary>A sweep in the shape of its <c>sweepCompleted</c> event, whether or not it is done.</summary>
internal static class SweepJson
{
    /// <summary>The result in one line of JSON.</summary>
    public static string Serialize(SweepExport export) => SweepEventJson.Serialize(ToResult(export));

    /// <summary>The result; trials that are not finished have the state they are in.</summary>
    public static SweepCompleted ToResult(SweepExport export) => new()
    {
        SweepId = export.Status.SweepId,
        Sequence = export.Status.LastSequence,
        Best = Leaderboard.Best(export.Spec.Goals, export.Trials)?.ToResult(),
        Trials = [.. export.Trials.Select(trial => trial.ToResult())],
        ParetoFront = export.Spec.Goals.Count < 2 ? [] : [.. Leaderboard.ParetoFront(export.Spec.Goals, export.Trials).Select(trial => trial.Number)],
        Epochs = export.Trials.Sum(trial => (long)trial.Epochs),
        Seconds = export.Status.Elapsed.TotalSeconds,
        StopReason = export.Status.StopReason,
        OutputDirectory = export.Spec.OutputDirectory,
    };
}
