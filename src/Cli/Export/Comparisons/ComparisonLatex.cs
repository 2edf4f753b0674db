using Lcnn.Distributed.Cli.Comparisons;

namespace Lcnn.Distributed.Cli.Export.Comparisons;

/// <summary>A comparison as a <c>tabular</c> of LaTeX with the rules of booktabs, to be <c>\input</c> in a paper.</summary>
internal static class ComparisonLatex
{
    private const string Special = @"\{}$&#^_~%";

    /// <summary>Writes it, what was run as comments above it.</summary>
    public static void Write(Comparison comparison, TextWriter output)
    {
        var table = ComparisonTable.Of(comparison);
        output.WriteLine(@"% \usepackage{booktabs}");
        foreach (var line in OriginText.Lines(comparison))
        {
            output.WriteLine($"% {line.ReplaceLineEndings(" ").Replace("±", "+-", StringComparison.Ordinal)}");
        }

        output.WriteLine($@"\begin{{tabular}}{{l{new string('r', table.Columns.Count)}}}");
        output.WriteLine(@"\toprule");
        output.WriteLine(Row(["Method", .. table.Columns.Select(column => column.IsShare ? $@"{column.Latex} (\%)" : column.Latex)]));
        output.WriteLine(@"\midrule");
        foreach (var row in table.Rows)
        {
            output.WriteLine(Row([Escape(row.Method), .. table.Columns.Zip(row.Figures, (column, figure) => column.Show(figure, @" $\pm$ "))]));
        }

        output.WriteLine(@"\bottomrule");
        output.WriteLine(@"\end{tabular}");
    }

    private static string Row(IEnumerable<string> cells) => $@"{string.Join(" & ", cells)} \\";

    private static string Escape(string text) => string.Concat(text.Select(letter => letter switch
    {
        '\\' => @"\textbackslash{}",
        '^' => @"\textasciicircum{}",
        '~' => @"\textasciitilde{}",
        _ when Special.Contains(letter) => $@"\{letter}",
        _ => $"{letter}",
    }));
}
