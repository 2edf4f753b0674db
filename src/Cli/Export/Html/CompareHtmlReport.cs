using Lcnn.Distributed.Cli.Comparisons;
using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Cli.Export.Comparisons;

namespace Lcnn.Distributed.Cli.Export.Html;

/// <summary>A comparison as one HTML file that needs no network: the table, charts, saliency maps, every trial, and what was run.</summary>
internal static class CompareHtmlReport
{
    /// <summary>Writes the whole page.</summary>
    /// <param name="insight">What is inside the networks; null where they could not be looked into.</param>
    public static void Write(Comparison comparison, ComparisonInsight? insight, TextWriter output) => output.Write(Page(comparison, insight).Markup);

    private static HtmlText Page(Comparison comparison, ComparisonInsight? insight)
    {
        var origin = comparison.Origin;
        var title = $"{Format.Counted(comparison.Methods.Count, "method")} on {origin.Dataset}";
        return HtmlPage.WithCharts(
            title,
            HtmlText.Of($"""
                <header><h1>{title}</h1><p>{origin.Network}, {Format.Counted(origin.Epochs, "epoch")}; {Format.Duration(TimeSpan.FromSeconds(origin.Seconds))} on {origin.Machine}</p><dl>{Tiles(comparison)}</dl></header>
                <section class="card wide above" id="table"><h2>Figures, mean ± standard deviation over seeds</h2>{CompareTables.Methods(comparison)}</section>
                <noscript><p class="card wide above">The charts need JavaScript; the tables below them do not.</p></noscript>
                <main>
                {Charts(comparison, insight)}
                {Maps(insight)}
                <section class="card wide"><h2>Trials</h2>{CompareTables.Trials(comparison)}</section>
                <section class="card wide facts"><h2>What was run</h2><table>{Facts(comparison)}</table></section>
                </main>
                """),
            CompareContent.Of(comparison, insight), ReportAssets.CompareScript);
    }

    private static HtmlText Tiles(Comparison comparison)
    {
        var table = ComparisonTable.Of(comparison);
        IEnumerable<(string Key, string Name, bool IsMaximized)> wanted =
        [
            ("testAccuracy", "highest test accuracy", true), ("curvature", "lowest curvature", false),
            .. comparison.RobustEpsilons.TakeLast(1).Select(epsilon => ($"robustAccuracy@{ComparisonTable.Name(epsilon)}", $"highest robust accuracy at {ComparisonTable.Name(epsilon)}", true)),
            .. comparison.CertifiedEpsilons.TakeLast(1).Select(epsilon => ($"certifiedAccuracy@{ComparisonTable.Name(epsilon)}", $"highest certified accuracy at {ComparisonTable.Name(epsilon)}", true)),
        ];
        return HtmlText.Join(wanted.Select(tile =>
        {
            var place = table.Columns.Select(column => column.Key).ToList().IndexOf(tile.Key);
            var rows = table.Rows.Where(row => place >= 0 && row.Figures[place].Count > 0);
            return rows.MinBy(row => tile.IsMaximized ? -row.Figures[place].Mean : row.Figures[place].Mean) is { } best
                ? HtmlText.Of($"<div class=\"tile\"><dt>{tile.Name}</dt><dd>{table.Columns[place].Show(best.Figures[place])}{(table.Columns[place].IsShare ? " %" : "")}</dd><dd class=\"note\">{best.Method}</dd></div>")
                : default;
        }));
    }

    private static HtmlText Charts(Comparison comparison, ComparisonInsight? insight)
    {
        var trials = comparison.Trials.ToList();
        var layers = insight?.Models.SelectMany(one => one.Model.Layers).ToList() ?? [];
        IEnumerable<(bool IsThere, string Id, string Title, Func<HtmlText> Table)> charts =
        [
            (trials.Any(trial => trial.Epochs.Count > 0), "accuracy", "Test accuracy by epoch", () => CompareTables.Epochs(comparison, "test accuracy (%)", epoch => 100 * epoch.TestAccuracy)),
            (trials.Any(trial => trial.Epochs.Count > 0), "loss", "Test loss by epoch", () => CompareTables.Epochs(comparison, "test loss", epoch => epoch.TestLoss)),
            (trials.Any(trial => trial.Curvature > 0), "scatter", "Curvature against accuracy", () => CompareTables.CurvatureAgainstAccuracy(comparison)),
            (comparison.NoiseNorms.Count > 0, "noise", "Gradient robustness under noise", () => CompareTables.Places(comparison, comparison.NoiseNorms, "noise of norm", trial => trial.GradientChange, isShare: false)),
            (comparison.RobustEpsilons.Count > 0, "robust", "Robust accuracy against epsilon", () => CompareTables.Places(comparison, comparison.RobustEpsilons, "epsilon", trial => trial.Robust, isShare: true)),
            (comparison.CertifiedEpsilons.Count > 0, "certified", "Certified accuracy against epsilon", () => CompareTables.Places(comparison, comparison.CertifiedEpsilons, "epsilon", trial => trial.Certified, isShare: true)),
            (layers.Exists(layer => layer.Beta is not null), "beta", "Beta by layer", () => CompareTables.Layers(insight!, layer => layer.Beta)),
            (layers.Exists(layer => layer.Gamma is not null), "gamma", "Gamma by layer", () => CompareTables.Layers(insight!, layer => layer.Gamma)),
        ];
        return HtmlText.Join(charts.Where(chart => chart.IsThere).Select(chart => HtmlText.Of($"""
            <section class="card"><h2>{chart.Title}</h2><div class="chart" id="{chart.Id}"></div><details><summary>Figures of this chart</summary>{chart.Table()}</details></section>

            """)));
    }

    private static HtmlText Maps(ComparisonInsight? insight)
    {
        if (insight is null || insight.Images.Count == 0)
        {
            return default;
        }

        var head = HtmlText.Join(insight.Images.Select(image => HtmlText.Of($"<th scope=\"col\"><img src=\"{DataUri(image.Png)}\" alt=\"test image, class {image.Class}\">{image.Class}</th>")));
        var rows = HtmlText.Join(insight.Models.Select(one => HtmlText.Of($"<tr><th scope=\"row\">{one.Method}</th>{HtmlText.Join(one.Model.Maps.Select(map =>
            HtmlText.Of($"<td><img src=\"{DataUri(map.Png)}\" alt=\"saliency map of {one.Method}, which says {map.Class}\">{map.Class}</td>")))}</tr>\n")));
        return HtmlText.Of($"""
            <section class="card wide maps"><h2>Saliency maps</h2><div class="scroll"><table><thead><tr><th scope="col">image, its class</th>{head}</tr></thead>
            <tbody>{rows}</tbody></table></div><p class="note">Size of the loss' gradient at each pixel, each map stretched to its own largest; below it what the network says.</p></section>
            """);
    }

    private static HtmlText Facts(Comparison comparison) => HtmlText.Join(OriginText.Pairs(comparison).Select(pair => HtmlText.Of($"<tr><th scope=\"row\">{pair.Name}</th><td>{pair.Value}</td></tr>\n")));

    private static string DataUri(byte[] png) => $"data:image/png;base64,{Convert.ToBase64String(png)}";
}
