using System.Globalization;
using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Cli.Export.Html;

/// <summary>A sweep as one HTML file that needs no network: charts by Apache ECharts, and a table of the trials.</summary>
internal static class SweepHtmlReport
{
    /// <summary>Writes the whole page.</summary>
    public static void Write(SweepExport export, TextWriter output) => output.Write(Page(export).Markup);

    private static HtmlText Page(SweepExport export)
    {
        var (title, best) = (TitleOf(export), Leaderboard.Best(export.Spec.Goals, export.Trials));
        return HtmlPage.WithCharts(
            title,
            HtmlText.Of($"""
                {Header(export, title, best)}
                {Charts()}
                <section class="card wide"><h2>Trials</h2><div class="scroll">{TrialTable.Of(export, best)}</div></section>
                """),
            ReportContents.Of(export), ReportAssets.SweepScript);
    }

    private static HtmlText Header(SweepExport export, string title, TrialEntry? best)
    {
        var tiles = HtmlText.Join(Tiles(export, best).Select(tile =>
            HtmlText.Of($"<div class=\"tile\"><dt>{tile.Name}</dt><dd>{tile.Value}</dd><dd class=\"note\">{tile.Note}</dd></div>")));
        return HtmlText.Of($"<header><h1>{title}</h1><p>{Description(export)}</p><dl>{tiles}</dl><nav id=\"goals\" aria-label=\"Goal\"></nav></header>");
    }

    private static string Description(SweepExport export)
    {
        var (spec, phase) = (export.Spec, export.Status.Phase);
        var state = phase == SweepPhase.Unknown ? "" : $"{phase.ToString().ToLowerInvariant()}; ";
        return $"{state}sampler {spec.Sampler.Kind}, scheduler {spec.Scheduler.Kind}, {spec.Base.Architecture} on {spec.Base.Dataset}, seed {spec.SamplerSeed()}";
    }

    private static IEnumerable<(string Name, string Value, string Note)> Tiles(SweepExport export, TrialEntry? best)
    {
        foreach (var goal in export.Spec.Goals)
        {
            var value = best?.Metrics.GetValueOrDefault(goal.Metric, double.NaN) ?? double.NaN;
            yield return (goal.Metric, Format.Number(value), $"of the best trial; {(goal.IsMaximized ? "more" : "less")} is better");
        }

        yield return best is null
            ? ("best trial", Format.None, "no trial has a result")
            : ("best trial", $"#{best.Number.ToString(CultureInfo.InvariantCulture)}", string.Join(", ", best.Parameters.Select(item => $"{item.Key}={Shown(item.Value)}")));
        var states = export.Trials.CountBy(trial => trial.State).OrderByDescending(state => state.Value)
            .Select(state => $"{Format.Count(state.Value)} {SweepText.NameOf(state.Key)}");
        yield return ("trials", Format.Count(export.Trials.Count), string.Join(", ", states));
        var elapsed = export.Status.Elapsed;
        yield return ("epochs", Format.Count(export.Trials.Sum(trial => (long)trial.Epochs)), elapsed > TimeSpan.Zero ? $"in {Format.Duration(elapsed)}" : "");
    }

    private static string Shown(OptionValue value) => value.Number is { } number ? Format.Number(number) : value.ToString();

    private static HtmlText Charts() => new("""
        <noscript><p class="card wide">The charts need JavaScript; the table below does not.</p></noscript>
        <main>
        <section class="card wide"><h2>Optimisation history</h2><div class="chart" id="history"></div></section>
        <section class="card"><h2>Parameter importance</h2><div class="chart" id="importance"></div><p class="note" id="importance-note"></p></section>
        <section class="card" id="fronts"><h2>Pareto front</h2></section>
        <section class="card wide"><h2>Parallel coordinates</h2><div class="scroll"><div class="chart tall" id="parallel"></div></div></section>
        <section class="card wide"><h2>Slices</h2><div class="slices" id="slices"></div></section>
        </main>
        """);

    private static string TitleOf(SweepExport export) =>
        export.Spec.Name.Length > 0 ? export.Spec.Name
        : export.Status.SweepId.Length > 0 ? export.Status.SweepId
        : "Sweep";
}
