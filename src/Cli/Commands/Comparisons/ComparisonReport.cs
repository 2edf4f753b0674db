using Lcnn.Distributed.Cli.Comparisons;
using Lcnn.Distributed.Cli.Services;

namespace Lcnn.Distributed.Cli.Commands.Comparisons;

/// <summary>A comparison for programs: every figure of the table over seeds, and every trial.</summary>
internal sealed record ComparisonReport : Report
{
    protected override string Kind => "comparison";

    /// <summary>What was run.</summary>
    public required ComparisonOrigin Origin { get; init; }

    /// <summary>The first method.</summary>
    public required string Baseline { get; init; }

    /// <summary>In the order in which they were asked for.</summary>
    public required IReadOnlyList<ComparedMethod> Methods { get; init; }

    /// <summary>Of a comparison.</summary>
    public static ComparisonReport Of(Comparison comparison)
    {
        var table = ComparisonTable.Of(comparison);
        return new ComparisonReport
        {
            Origin = comparison.Origin,
            Baseline = comparison.Methods[0].Method,
            Methods =
            [
                .. comparison.Methods.Zip(table.Rows, (method, row) => new ComparedMethod(
                    method.Method, table.Columns.Zip(row.Figures).DistinctBy(pair => pair.First.Key).ToDictionary(pair => pair.First.Key, pair => pair.Second), method.Trials)),
            ],
        };
    }
}

/// <summary>A row of the table with its trials.</summary>
/// <param name="Figures">By the names of the CSV's columns.</param>
internal sealed record ComparedMethod(string Method, IReadOnlyDictionary<string, Spread> Figures, IReadOnlyList<TrialFigures> Trials);
