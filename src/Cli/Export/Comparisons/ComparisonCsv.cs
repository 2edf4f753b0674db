using System.Globalization;
using CsvHelper;
using Lcnn.Distributed.Cli.Comparisons;

namespace Lcnn.Distributed.Cli.Export.Comparisons;

/// <summary>A comparison as a table after RFC 4180, all digits: a row a method; mean, deviation and number of seeds of every figure. Shares are 0..1.</summary>
internal static class ComparisonCsv
{
    /// <summary>Writes the header and the rows; what a method does not have is left empty.</summary>
    public static void Write(Comparison comparison, TextWriter output)
    {
        var table = ComparisonTable.Of(comparison);
        using var csv = new CsvWriter(output, CultureInfo.InvariantCulture, leaveOpen: true);
        CsvRow.Write(csv, ["method", "trials", "unfinished", .. table.Columns.SelectMany(column => new[] { $"{column.Key}.mean", $"{column.Key}.deviation", $"{column.Key}.count" })]);
        foreach (var (method, row) in comparison.Methods.Zip(table.Rows))
        {
            CsvRow.Write(csv,
            [
                method.Method, $"{method.Trials.Count}", $"{method.Unfinished}",
                .. row.Figures.SelectMany(figure => new[] { CsvRow.Number(figure.Mean), CsvRow.Number(figure.Deviation), $"{figure.Count}" }),
            ]);
        }
    }
}
