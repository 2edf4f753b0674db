using System.Globalization;
using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Cli.Reports;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Runs;
using static Lcnn.Distributed.Cli.Export.Html.HtmlTable;

namespace Lcnn.Distributed.Cli.Export.Html;

/// <summary>The figures of runs as tables that can be read without a script.</summary>
internal static class RunTables
{
    private const int StepsShown = 100;
    private const int MostHappenings = 200;

    /// <summary>A row a bucket of steps, the mean of a value for each run.</summary>
    public static HtmlText Steps(IReadOnlyList<ReportedRun> runs, string field)
    {
        var columns = runs.Select(run => (run.Name, Values: ValuesOf(run, field))).Where(run => run.Values.Count > 0).ToList();
        var steps = columns.SelectMany(run => run.Values.Keys).Distinct().Order().ToList();
        var every = Math.Max(1, (steps.Count + StepsShown - 1) / StepsShown);
        return Table(
            ["step", .. columns.Select(run => run.Name)],
            steps.Where((_, i) => i % every == 0).Select(step => (IEnumerable<HtmlText>)[Number(step), .. columns.Select(run => Number(run.Values.GetValueOrDefault(step, double.NaN)))]));
    }

    /// <summary>A row an epoch, a column a run.</summary>
    public static HtmlText Epochs(IReadOnlyList<ReportedRun> runs, Func<EpochCompleted, double> value)
    {
        var epochs = runs.SelectMany(run => run.History.Epochs).Select(epoch => epoch.Epoch).Distinct().Order();
        return Table(
            ["epoch", .. runs.Select(run => run.Name)],
            epochs.Select(epoch => (IEnumerable<HtmlText>)
                [Number(epoch), .. runs.Select(run => Number(run.History.Epochs.FirstOrDefault(one => one.Epoch == epoch) is { } known ? value(known) : double.NaN))]));
    }

    /// <summary>Figures as the terminal has them.</summary>
    public static HtmlText Figures(FigureTable figures) =>
        Table([.. figures.Columns], figures.Rows.Select(row => (IEnumerable<HtmlText>)[Head(row[0]), .. row.Skip(1).Select(Text)]));

    /// <summary>Names and values.</summary>
    public static HtmlText Pairs(IEnumerable<(string Name, string Value)> pairs) => Table(["figure", "value"], pairs.Select(pair => (IEnumerable<HtmlText>)[Head(pair.Name), Text(pair.Value)]));

    /// <summary>A row a layer of one run.</summary>
    public static HtmlText Layers(IReadOnlyList<LayerSharpness> layers) => Table(
        ["layer", "beta", "gamma"], layers.Select(layer => (IEnumerable<HtmlText>)[Head(layer.Path), Number(layer.Beta ?? double.NaN), Number(layer.Gamma ?? double.NaN)]));

    /// <summary>A row an epoch of one run, a column a layer.</summary>
    public static HtmlText ByLayer(ReportedRun run, IReadOnlyList<LayerCurve> layers) => Table(
        ["epoch", .. layers.Select(layer => layer.Name)],
        run.History.Epochs.Select((epoch, i) => (IEnumerable<HtmlText>)[Number(epoch.Epoch), .. layers.Select(layer => Number(layer.Values[i]))]));

    /// <summary>A row an epoch of one run, milliseconds of a step of its leading rank.</summary>
    public static HtmlText Phases(ReportedRun run) => Table(
        ["epoch", "step (ms)", "forward (ms)", "backward (ms)", "owner (ms)", "waiting (ms)", "gathering samples (ms)"],
        run.History.Epochs.Where(epoch => epoch.StepTimes is not null).Select(epoch => (epoch.Epoch, Times: epoch.StepTimes!)).Select(epoch => (IEnumerable<HtmlText>)
        [
            Number(epoch.Epoch),
            .. new[] { epoch.Times.Step, epoch.Times.Forward, epoch.Times.Backward, epoch.Times.Owner, epoch.Times.Wait, epoch.Times.Data }.Select(seconds => Number(1000 * seconds)),
        ]));

    /// <summary>A row a rank of one run.</summary>
    public static HtmlText Ranks(RunCompleted completed) => Table(
        ["rank", "samples", "compute (s)", "of that forward (s)", "owner (s)", "waiting (s)", "data (s)"],
        completed.Ranks.Select(rank => (IEnumerable<HtmlText>)
        [
            Number(rank.Rank), Number(rank.Samples), Number(rank.ComputeSeconds), Number(rank.ForwardSeconds), Number(rank.OwnerSeconds), Number(rank.WaitSeconds), Number(rank.DataSeconds),
        ]));

    /// <summary>A row a rank of one run: what it made a second.</summary>
    public static HtmlText Rates(RunCompleted completed) => Table(
        ["rank", "samples", "in steps of (s)", "samples per second", "samples per second of computing"],
        completed.Ranks.Select(rank => (IEnumerable<HtmlText>)
        [
            Number(rank.Rank), Number(rank.TimedSamples), Number(rank.StepSeconds), Number(rank.TimedSamples / rank.StepSeconds), Number(rank.TimedSamples * rank.Threads / rank.ComputeSeconds),
        ]));

    /// <summary>A row a run: what it ended at, and where the specs differ.</summary>
    public static HtmlText Results(IReadOnlyList<ReportedRun> runs) => Table(
        ["run", "test accuracy (%)", "test loss", "curvature", "gradient norm", "samples per second", "epochs", "network", "loss", "seed"],
        runs.Select(run =>
        {
            var (completed, last) = (run.History.Completed, run.History.Epochs.Count > 0 ? run.History.Epochs[^1] : null);
            return (IEnumerable<HtmlText>)
            [
                Head(run.Name), Number(100 * (completed?.TestAccuracy ?? last?.TestAccuracy ?? double.NaN)), Number(completed?.TestLoss ?? last?.TestLoss ?? double.NaN),
                Number(completed?.Curvature ?? double.NaN), Number(completed?.GradNorm ?? double.NaN), Number(completed?.SamplesPerSecond ?? last?.SamplesPerSecond ?? double.NaN),
                Number(last?.Epoch ?? 0), Text(run.History.Spec?.Architecture ?? ""), Text(run.History.Spec?.Loss ?? ""), Number(run.History.Spec?.Seed ?? 0),
            ];
        }), isSortable: true);

    /// <summary>Samples by label and by what the network says; the more, the darker.</summary>
    public static HtmlText Confusion(ExaminationReport found)
    {
        var most = Math.Max(1, found.Confusion.SelectMany(row => row).Max());
        return Table(
            ["label \\ network", .. found.Classes],
            found.Confusion.Select((row, label) => (IEnumerable<HtmlText>)
            [
                Head(found.Classes[label]),
                .. row.Select((count, said) => HtmlText.Of($"<td class=\"number share-{ShadeOf(count, most)}{(said == label ? " right" : "")}\">{count.ToString(CultureInfo.InvariantCulture)}</td>")),
            ]));
    }

    /// <summary>The newest of what happened, in order: generations, faults, snapshots and warnings.</summary>
    public static HtmlText Happenings(ReportedRun run)
    {
        var events = run.History.Events.Where(one => one is not EpochCompleted).TakeLast(MostHappenings).ToList();
        var first = events.Count > 0 ? events[0].Time : default;
        return Table(
            ["time", "after (s)", "what", "more"],
            events.Select(one => (IEnumerable<HtmlText>)
            [
                Text(one.Time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)), Number((one.Time - first).TotalSeconds), Text(NameOf(one)), Sentence(one),
            ]));
    }

    private static Dictionary<long, double> ValuesOf(ReportedRun run, string field)
    {
        var column = run.History.Series.Columns.FirstOrDefault(column => column.Field == field);
        return column is null ? [] : run.History.Series.Steps.Zip(column.Mean).Where(pair => double.IsFinite(pair.Second)).ToDictionary(pair => pair.First, pair => pair.Second);
    }

    private static string ShadeOf(int count, int most) => count == 0 ? "0" : Math.Clamp((int)Math.Ceiling(5.0 * count / most), 1, 5).ToString(CultureInfo.InvariantCulture);

    private static string NameOf(RunEvent one) => one switch
    {
        RunStarted => "training began",
        GenerationChanged => "other workers",
        SnapshotCommitted => "snapshot",
        RunWarning => "warning",
        RunWaiting => "waits",
        SnapshotsSetAside => "went back",
        RunCompleted => "completed",
        RunFailed => "failed",
        RunCancelled => "cancelled",
        _ => one.GetType().Name,
    };

    private static HtmlText Sentence(RunEvent one) => HtmlText.Of($"<td class=\"error\">{one switch
    {
        RunStarted started => $"run {started.RunId}, {Format.Counted(started.Ranks.Count, "worker")}, from step {Format.Count(started.ResumedAtStep)}",
        GenerationChanged changed => $"{changed.Reason}; from step {Format.Count(changed.FromStep)}, {Format.Counted(changed.ReplayedSteps, "step")} again, {Format.Counted(changed.Ranks.Count, "worker")}",
        SnapshotCommitted snapshot => $"step {Format.Count(snapshot.Step)}, weights {snapshot.WeightsSha256}",
        RunWarning warning => warning.Message,
        RunWaiting waiting => waiting.Reason,
        SnapshotsSetAside aside => $"to step {Format.Count(aside.FromStep)}; what came after is in {aside.Folder}",
        RunCompleted completed => $"weights {completed.WeightsSha256}",
        RunFailed failed => failed.Error,
        RunCancelled cancelled => cancelled.Reason,
        _ => "",
    }}</td>");
}
