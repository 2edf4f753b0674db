using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Cli.Reports;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Export.Html;

/// <summary>A run, or several beside each other, as one HTML file that needs no network: charts over steps and epochs, what happened, and what the network makes of test images.</summary>
internal static class RunHtmlReport
{
    private static readonly Dictionary<string, string> _notes = new()
    {
        ["curvatureByLayer"] = "What each activation adds to the estimate of the bound on curvature: beta / 4, times what comes before and after it. It tells which layer makes the bound loose, not how curved the network is.",
        ["phases"] = "Of the leading rank. Waiting is for the parcels of other ranks: the all-reduce, and whoever is late. Samples are gathered beside the step.",
        ["rates"] = "While it computes: forward and backward passes alone, as if it owned no layers and waited for nobody.",
    };

    /// <summary>Writes the whole page.</summary>
    /// <param name="runs">At least one.</param>
    public static void Write(IReadOnlyList<ReportedRun> runs, TextWriter output) => output.Write(Page(runs).Markup);

    private static HtmlText Page(IReadOnlyList<ReportedRun> runs)
    {
        var title = runs.Count == 1 ? runs[0].Name : Format.Counted(runs.Count, "run");
        return HtmlPage.WithCharts(
            title,
            HtmlText.Of($"""
                <header><h1>{title}</h1><p>{Description(runs)}</p><dl>{(runs.Count == 1 ? Tiles(runs[0]) : default)}</dl></header>
                {(runs.Count == 1 ? default : HtmlText.Of($"<section class=\"card wide above\"><h2>Results</h2>{RunTables.Results(runs)}</section>"))}
                <noscript><p class="card wide above">The charts need JavaScript; the tables below them do not.</p></noscript>
                <main>
                {Charts(runs)}
                {(runs.Count == 1 ? Alone(runs[0]) : default)}
                </main>
                """),
            RunContent.Of(runs), ReportAssets.RunScript);
    }

    private static string Description(IReadOnlyList<ReportedRun> runs) => runs is [{ History: { Spec: { } spec } history } run]
        ? $"{history.RunId}: {spec.Architecture} on {Names.DatasetTitle(spec.Dataset)}, {(spec.Method is { } method ? $"method {method}, " : "")}loss {spec.Loss}, seed {spec.Seed}; {run.Folder}"
        : string.Join(", ", runs.Select(run => run.Name));

    private static HtmlText Tiles(ReportedRun run)
    {
        var (completed, started, epochs) = (run.History.Completed, run.History.Started, run.History.Epochs);
        var last = epochs.Count > 0 ? epochs[^1] : null;
        IEnumerable<(string Name, string Value, string Note)> tiles =
        [
            ("test accuracy", Format.Percent(completed?.TestAccuracy ?? last?.TestAccuracy ?? double.NaN), $"loss {Format.Number(completed?.TestLoss ?? last?.TestLoss ?? double.NaN)}"),
            ("curvature", Format.Number(completed?.Curvature ?? double.NaN), completed is { CurvatureSamples: > 0 } ? $"mean over {Format.Counted(completed.CurvatureSamples, "test sample")}" : "not measured"),
            ("gradient norm", Format.Number(completed?.GradNorm ?? double.NaN), $"Hessian norm {Format.Number(completed?.HessianNorm ?? double.NaN)}"),
            ("throughput", completed is null ? Format.None : Format.Count((long)Math.Round(completed.SamplesPerSecond)), completed is null ? "" : $"samples per second, {Format.Counted(completed.Workers, "worker")}"),
            ("steps", Format.Count(run.History.Series.LastStep), last is null ? "" : Format.Counted(last.Epoch, "epoch")),
            ("parameters", started is null ? Format.None : Format.Count(started.ParameterCount), started is null ? "" : $"{Format.Counted(started.TrainSamples, "training sample")}"),
        ];
        return HtmlText.Join(tiles.Select(tile => HtmlText.Of($"<div class=\"tile\"><dt>{tile.Name}</dt><dd>{tile.Value}</dd><dd class=\"note\">{tile.Note}</dd></div>")));
    }

    private static HtmlText Charts(IReadOnlyList<ReportedRun> runs)
    {
        bool HasField(string field) => runs.Any(run => run.History.Series.Columns.Any(column => column.Field == field && column.Mean.Any(double.IsFinite)));
        bool HasEpochs(Func<EpochCompleted, bool> has) => runs.Any(run => run.History.Epochs.Any(has));
        var alone = runs is [var only] ? only : null;
        var layers = LayerCurves.Of(alone?.History.Epochs ?? []);
        IEnumerable<(bool IsThere, string Id, string Title, Func<HtmlText> Table)> charts =
        [
            (HasField("loss"), "loss", "Loss by step", () => RunTables.Steps(runs, "loss")),
            (HasEpochs(_ => true), "accuracy", "Test accuracy by epoch", () => RunTables.Epochs(runs, epoch => epoch.TestAccuracy)),
            (HasField("crossEntropy"), "crossEntropy", "Cross-entropy by step", () => RunTables.Steps(runs, "crossEntropy")),
            (HasField("betaTerm"), "betaTerm", "Beta term of the loss", () => RunTables.Steps(runs, "betaTerm")),
            (HasField("gammaTerm"), "gammaTerm", "Gamma term of the loss", () => RunTables.Steps(runs, "gammaTerm")),
            (HasField("gradientNorm"), "gradientNorm", "Gradient term of the loss", () => RunTables.Steps(runs, "gradientNorm")),
            (HasField("learningRate"), "learningRate", "Learning rate", () => RunTables.Steps(runs, "learningRate")),
            (HasField("samplesPerSecond"), "samplesPerSecond", "Samples per second", () => RunTables.Steps(runs, "samplesPerSecond")),
            (layers.Beta.Count == 0 && HasEpochs(epoch => epoch.Beta is not null), "beta", "Largest beta by epoch", () => RunTables.Epochs(runs, epoch => epoch.Beta?.Maximum ?? double.NaN)),
            (layers.Gamma.Count == 0 && HasEpochs(epoch => epoch.Gamma is not null), "gamma", "Largest gamma by epoch", () => RunTables.Epochs(runs, epoch => epoch.Gamma?.Maximum ?? double.NaN)),
            (layers.Beta.Count > 0, "betaByLayer", "Beta by layer and epoch", () => RunTables.ByLayer(alone!, layers.Beta)),
            (layers.Gamma.Count > 0, "gammaByLayer", "Gamma by layer and epoch", () => RunTables.ByLayer(alone!, layers.Gamma)),
            (layers.Curvature.Count > 0, "curvatureByLayer", "Curvature by layer and epoch", () => RunTables.ByLayer(alone!, layers.Curvature)),
            (HasEpochs(epoch => epoch.CurvatureBound is not null), "bound", "Estimate of the bound on curvature", () => RunTables.Epochs(runs, epoch => epoch.CurvatureBound ?? double.NaN)),
            (alone is { Found.Layers.Count: > 0 }, "layers", "Beta and gamma at the end", () => RunTables.Layers(alone!.Found!.Layers)),
            (alone is not null && HasEpochs(epoch => epoch.StepTimes is not null), "phases", "Step time by phase", () => RunTables.Phases(alone!)),
            (alone is { History.Completed.Ranks.Count: > 0 }, "ranks", "Where the ranks' seconds went", () => RunTables.Ranks(alone!.History.Completed!)),
            (alone is { History.Completed.Ranks: { Count: > 0 } ranks } && ranks.All(rank => rank.StepSeconds > 0), "rates", "Samples per second by rank", () => RunTables.Rates(alone!.History.Completed!)),
        ];
        return HtmlText.Join(charts.Where(chart => chart.IsThere).Select(chart => HtmlText.Of($"""
            <section class="card"><h2>{chart.Title}</h2><div class="chart" id="{chart.Id}" role="img" aria-label="{chart.Title}"></div>{Note(chart.Id)}<details><summary>Figures of this chart</summary>{chart.Table()}</details></section>

            """)));
    }

    private static HtmlText Note(string chart) => _notes.TryGetValue(chart, out var note) ? HtmlText.Of($"<p class=\"note\">{note}</p>") : default;

    private static HtmlText Alone(ReportedRun run) => HtmlText.Of($"""
        {(run.History.Completed?.Robustness is { } figures ? Robustness(figures) : default)}
        {(run.Found is { } found ? Examined(found) : default)}
        <section class="card wide"><h2>What happened</h2>{RunTables.Happenings(run)}</section>
        """);

    private static HtmlText Robustness(RobustnessFigures figures) => HtmlText.Of($"""
        <section class="card wide"><h2>How robust it is</h2>
        {HtmlText.Join(RobustnessTables.Figures(figures).Select(table => HtmlText.Of($"<h3>{table.Heading}</h3>{RunTables.Figures(table)}")))}
        {(figures.Certificate is { } certificate ? RunTables.Pairs(RobustnessTables.Pairs(certificate)) : default)}
        {HtmlText.Join(RobustnessTables.Errors(figures).Concat(RobustnessTables.Warnings(figures)).Select(line => HtmlText.Of($"<p class=\"note\">{line}</p>")))}
        </section>
        """);

    private static HtmlText Examined(ExaminationReport found) => HtmlText.Of($"""
        <section class="card wide confusion"><h2>Confusion matrix</h2>{RunTables.Confusion(found)}<p class="note">Of {Format.Counted(found.Samples, "test sample")}, from the first on.</p></section>
        {Images("Surest and wrong", found.Worst, image => Format.Percent(image.Value))}
        {Images("Most curved", found.MostCurved, image => Format.Number(image.Value))}
        """);

    private static HtmlText Images(string title, IReadOnlyList<ExaminedImage> images, Func<ExaminedImage, string> value)
    {
        if (images.Count == 0)
        {
            return default;
        }

        var cells = HtmlText.Join(images.Select(image => HtmlText.Of($"""
            <figure><img src="{DataUri(image.Png)}" alt="test image {Format.Count(image.Place)}, class {image.Class}"><img src="{DataUri(image.Map)}" alt="its saliency map"><figcaption>{image.Class}, said {image.Said}: {value(image)}</figcaption></figure>
            """)));
        return HtmlText.Of($"<section class=\"card wide\"><h2>{title}</h2><div class=\"images\">{cells}</div><p class=\"note\">Each image with its saliency map: the size of the loss' gradient at each pixel.</p></section>");
    }

    private static string DataUri(byte[] png) => $"data:image/png;base64,{Convert.ToBase64String(png)}";
}
