using Lcnn.Distributed.Cli.Comparisons;

namespace Lcnn.Distributed.Cli.Export.Comparisons;

/// <summary>A comparison as a table of GitHub's Markdown, what was run below it.</summary>
internal static class ComparisonMarkdown
{
    /// <summary>Writes it.</summary>
    public static void Write(Comparison comparison, TextWriter output)
    {
        var table = ComparisonTable.Of(comparison);
        output.WriteLine(Row(["method", "runs", .. table.Columns.Select(column => column.Heading)]));
        output.WriteLine(Row(["---", .. Enumerable.Repeat("---:", table.Columns.Count + 1)]));
        foreach (var row in table.Rows)
        {
            output.WriteLine(Row([row.Method, row.Runs, .. table.Columns.Zip(row.Figures, (column, figure) => column.Show(figure))]));
        }

        output.WriteLine();
        foreach (var line in OriginText.Lines(comparison))
        {
            output.WriteLine($"- {Escape(line)}");
        }
    }

    private static string Row(IEnumerable<string> cells) => $"| {string.Join(" | ", cells.Select(Escape))} |";

    private static string Escape(string text) => text.ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
}
