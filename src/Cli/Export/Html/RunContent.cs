using Lcnn.Distributed.Cli.Reports;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Export.Html;

/// <summary>What the charts of runs are drawn from, as run.js reads it.</summary>
internal sealed record RunContent(IReadOnlyList<RunCurves> Runs)
{
    /// <summary>Works it out; layers and ranks are drawn of a run alone.</summary>
    public static RunContent Of(IReadOnlyList<ReportedRun> runs) => new([.. runs.Select(run => RunCurves.Of(run, isAlone: runs.Count == 1))]);
}

/// <summary>A run as lines.</summary>
/// <param name="Name">Of the run.</param>
/// <param name="Series">Steps, or buckets of them.</param>
/// <param name="Epochs">Evaluated ones.</param>
/// <param name="Layers">Of the trained network.</param>
/// <param name="ByLayer">Over its epochs; null of a run beside others.</param>
/// <param name="Ranks">Work of each rank; empty where it is not known.</param>
internal sealed record RunCurves(
    string Name, SeriesWindow Series, IReadOnlyList<EpochPoint> Epochs, IReadOnlyList<LayerSharpness> Layers, LayerCurves? ByLayer, IReadOnlyList<RankReport> Ranks)
{
    /// <summary>Of a run.</summary>
    public static RunCurves Of(ReportedRun run, bool isAlone) => new(
        run.Name, run.History.Series, [.. run.History.Epochs.Select(EpochPoint.Of)], run.Found?.Layers ?? [], isAlone ? LayerCurves.Of(run.History.Epochs) : null,
        run.History.Completed?.Ranks ?? []);
}

/// <summary>An evaluated epoch.</summary>
/// <param name="Beta">The largest.</param>
/// <param name="Gamma">The largest.</param>
/// <param name="Bound">Estimated bound on curvature.</param>
/// <param name="Times">Of a mean step of the leading rank.</param>
internal sealed record EpochPoint(int Epoch, double TestAccuracy, double? Beta, double? Gamma, double? Bound, StepTimes? Times)
{
    /// <summary>Of an epoch.</summary>
    public static EpochPoint Of(EpochCompleted epoch) => new(epoch.Epoch, epoch.TestAccuracy, epoch.Beta?.Maximum, epoch.Gamma?.Maximum, epoch.CurvatureBound, epoch.StepTimes);
}
