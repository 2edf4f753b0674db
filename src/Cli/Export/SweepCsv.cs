using System.Globalization;
using CsvHelper;
using Lcnn.Distributed.Cli.Display;

namespace Lcnn.Distributed.Cli.Export;

/// <summary>A sweep as a table after RFC 4180, one row a trial; columns are named as the JSON form names its members.</summary>
internal static class SweepCsv
{
    /// <summary>Writes the header and one row a trial; what a trial does not have is left empty.</summary>
    public static void Write(SweepExport export, TextWriter output)
    {
        using var csv = new CsvWriter(output, CultureInfo.InvariantCulture, leaveOpen: true);
        var (parameters, metrics) = (export.ParameterNames(), export.MetricNames());
        CsvRow.Write(csv,
        [
            "number", "state", "epochs",
            .. parameters.Select(name => $"parameters.{name}"),
            .. metrics.Select(name => $"metrics.{name}"),
            "weightsSha256", "error",
        ]);
        foreach (var trial in export.Trials)
        {
            CsvRow.Write(csv,
            [
                $"{trial.Number}", SweepText.NameOf(trial.State), $"{trial.Epochs}",
                .. parameters.Select(name => trial.Parameters[name]?.ToString()),
                .. metrics.Select(name => Number(trial.Metrics, name)),
                trial.WeightsSha256, trial.Error,
            ]);
        }
    }

    private static string? Number(IReadOnlyDictionary<string, double> metrics, string name) =>
        metrics.TryGetValue(name, out var value) ? CsvRow.Number(value) : null;
}
