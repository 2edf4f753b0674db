using Lcnn.Distributed.Cli.Reports;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Export.Html;

/// <summary>What the charts of runs are drawn from, as run.js reads it.</summary>
internal sealed record RunContent(IReadOnlyList<RunCurves> Runs)
{
    /// <summary>Works it out.</summary>
    public static RunContent Of(IReadOnlyList<ReportedRun> runs) => new([.. runs.Select(RunCurves.Of)]);
}

/// <summary>A run as lines.</summary>
/// <param name="Name">Of the run.</param>
/// <param name="Series">Steps, or buckets of them.</param>
/// <param name="Epochs">Evaluated ones.</param>
/// <param name="Layers">Of the trained network.</param>
/// <param name="Ranks">Work of each rank; empty where it is not known.</param>
internal sealed record RunCurves(string Name, SeriesWindow Series, IReadOnlyList<EpochCompleted> Epochs, IReadOnlyList<LayerSharpness> Layers, IReadOnlyList<RankReport> Ranks)
{
    /// <summary>Of a run.</summary>
    public static RunCurves Of(ReportedRun run) => new(run.Name, run.History.Series, run.History.Epochs, run.Found?.Layers ?? [], run.History.Completed?.Ranks ?? []);
}
