using Lcnn.Distributed.Cli.Comparisons;
using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Contracts.Runs;
using static Lcnn.Distributed.Cli.Export.Html.HtmlTable;

namespace Lcnn.Distributed.Cli.Export.Html;

/// <summary>The figures of a comparison as tables that can be read without a script.</summary>
internal static class CompareTables
{
    private const int ShownHashDigits = 12;

    /// <summary>A row a method, as the paper's.</summary>
    public static HtmlText Methods(Comparison comparison)
    {
        var table = ComparisonTable.Of(comparison);
        return Table(
            ["method", "runs", .. table.Columns.Select(column => column.Heading)],
            table.Rows.Select(row => (IEnumerable<HtmlText>)[Head(row.Method), Text(row.Runs), .. table.Columns.Zip(row.Figures, Cell)]), isSortable: true);
    }

    /// <summary>A row a trial.</summary>
    public static HtmlText Trials(Comparison comparison) => Table(
        ["trial", "method", "seed", "state", "test accuracy (%)", "curvature", "seconds", "weights", "error"],
        comparison.Trials.Select(trial => (IEnumerable<HtmlText>)
        [
            Number(trial.Number), Text(trial.Method), Number(trial.Seed), State(trial), Number(100 * trial.TestAccuracy), Number(trial.Curvature), Number(trial.Seconds),
            HtmlText.Of($"<td class=\"hash\" data-sort=\"{trial.WeightsSha256}\" title=\"{trial.WeightsSha256}\">{Shortened(trial.WeightsSha256)}</td>"),
            trial.Error is null ? Text("") : HtmlText.Of($"<td class=\"error\" data-sort=\"{trial.Error}\">{trial.Error}</td>"),
        ]), isSortable: true);

    /// <summary>A row a trial, a column an epoch.</summary>
    public static HtmlText Epochs(Comparison comparison, string what, Func<EpochFigures, double> value)
    {
        var epochs = comparison.Trials.SelectMany(trial => trial.Epochs).Select(epoch => epoch.Epoch).Distinct().Order().ToList();
        return Table(
            [$"{what}, method", "seed", .. epochs.Select(epoch => $"epoch {epoch}")],
            comparison.Trials.Select(trial => (IEnumerable<HtmlText>)
            [
                Head(trial.Method), Number(trial.Seed),
                .. epochs.Select(epoch => Number(trial.Epochs.FirstOrDefault(one => one.Epoch == epoch) is { } known ? value(known) : double.NaN)),
            ]));
    }

    /// <summary>A row a trial.</summary>
    public static HtmlText CurvatureAgainstAccuracy(Comparison comparison) => Table(
        ["method", "seed", "curvature", "test accuracy (%)"],
        comparison.Trials.Select(trial => (IEnumerable<HtmlText>)[Head(trial.Method), Number(trial.Seed), Number(trial.Curvature), Number(100 * trial.TestAccuracy)]));

    /// <summary>A row a method, a column a distance.</summary>
    public static HtmlText Places(Comparison comparison, IReadOnlyList<double> places, string what, Func<TrialFigures, IReadOnlyList<FigureAt>> of, bool isShare)
    {
        var column = new ComparisonColumn("", "", "", isShare);
        return Table(
            [isShare ? "method (%)" : "method", .. places.Select(place => $"{what} {ComparisonTable.Name(place)}")],
            comparison.Methods.Select(method => (IEnumerable<HtmlText>)[Head(method.Method), .. places.Select(place => Cell(column, method.At(place, of)))]));
    }

    /// <summary>A row a layer, a column a method that has a value there.</summary>
    public static HtmlText Layers(ComparisonInsight insight, Func<LayerSharpness, double?> value)
    {
        var models = insight.Models.Where(one => one.Model.Layers.Any(layer => value(layer) is not null)).ToList();
        var paths = models.SelectMany(one => one.Model.Layers).Where(layer => value(layer) is not null).Select(layer => layer.Path).Distinct();
        return Table(
            ["layer", .. models.Select(one => one.Method)],
            paths.Select(path => (IEnumerable<HtmlText>)
                [Head(path), .. models.Select(one => Number(one.Model.Layers.FirstOrDefault(layer => layer.Path == path) is { } layer ? value(layer) ?? double.NaN : double.NaN))]));
    }

    private static HtmlText State(TrialFigures trial)
    {
        var state = SweepText.NameOf(trial.State);
        return HtmlText.Of($"<td data-sort=\"{state}\"><span class=\"state {state}\">{state}</span></td>");
    }

    private static HtmlText Cell(ComparisonColumn column, Spread spread) =>
        HtmlText.Of($"<td class=\"number\" data-sort=\"{HtmlTable.Digits(spread.Mean)}\">{column.Show(spread)}</td>");

    private static string Shortened(string? hash) => hash is { Length: > ShownHashDigits } ? hash[..ShownHashDigits] : hash ?? Format.None;
}
