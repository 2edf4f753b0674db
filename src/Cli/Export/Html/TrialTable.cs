using System.Globalization;
using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Cli.Export.Html;

/// <summary>The trials of a report as a table that can be read without a script, and sorted with one.</summary>
internal static class TrialTable
{
    private const int ShownHashDigits = 12;

    public static HtmlText Of(SweepExport export, TrialEntry? best)
    {
        var (parameters, metrics) = (export.ParameterNames(), export.MetricNames());
        string[] columns = ["trial", "state", "epochs", .. parameters, .. metrics, "error", "weights"];
        var head = HtmlText.Join(columns.Select(column => HtmlText.Of($"<th scope=\"col\"><button type=\"button\">{column}</button></th>")));
        var rows = HtmlText.Join(export.Trials.Select(trial => Row(trial, parameters, metrics, trial == best)));
        return HtmlText.Of($"<table id=\"trials\"><thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody></table>");
    }

    private static HtmlText Row(TrialEntry trial, IReadOnlyList<string> parameters, IReadOnlyList<string> metrics, bool isBest)
    {
        var state = SweepText.NameOf(trial.State);
        var marks = isBest ? HtmlText.Of($" class=\"best\" title=\"the best trial\"") : default;
        var cells = HtmlText.Join(
        [
            Number(trial.Number),
            HtmlText.Of($"<td data-sort=\"{state}\"><span class=\"state {state}\">{state}</span></td>"),
            Number(trial.Epochs),
            .. parameters.Select(name => Parameter(trial.Parameters[name])),
            .. metrics.Select(name => Metric(trial.Metrics, name)),
            HtmlText.Of($"<td class=\"error\" data-sort=\"{trial.Error}\">{trial.Error}</td>"),
            HtmlText.Of($"<td class=\"hash\" data-sort=\"{trial.WeightsSha256}\" title=\"{trial.WeightsSha256}\">{Shortened(trial.WeightsSha256)}</td>"),
        ]);
        return HtmlText.Of($"<tr{marks}>{cells}</tr>\n");
    }

    // As it was written, whatever it takes: rounded, two trials might look like one.
    private static HtmlText Parameter(OptionValue? value)
    {
        var marks = value?.AsNumber is null ? default : HtmlText.Of($" class=\"number\"");
        return HtmlText.Of($"<td{marks} data-sort=\"{value?.ToString()}\">{value?.ToString() ?? Format.None}</td>");
    }

    private static HtmlText Metric(IReadOnlyDictionary<string, double> metrics, string name) =>
        metrics.TryGetValue(name, out var value) && double.IsFinite(value) ? Number(value) : HtmlText.Of($"<td data-sort=\"\">{Format.None}</td>");

    private static HtmlText Number(double number)
    {
        var digits = number.ToString("R", CultureInfo.InvariantCulture);
        return HtmlText.Of($"<td class=\"number\" data-sort=\"{digits}\" title=\"{digits}\">{Shown(number)}</td>");
    }

    private static string Shown(double number) =>
        double.IsInteger(number) && Math.Abs(number) < 1e15 ? number.ToString("0", CultureInfo.InvariantCulture) : Format.Number(number);

    private static string Shortened(string? hash) => hash is { Length: > ShownHashDigits } ? hash[..ShownHashDigits] : hash ?? Format.None;
}
