using Lcnn.Distributed.Cli.Comparisons;
using Lcnn.Distributed.Cli.Export.Comparisons;

namespace Lcnn.Distributed.UnitTests.Cli.Comparisons;

/// <summary>The formats of a comparison, from fixed figures.</summary>
public sealed class ComparisonFormatTests
{
    [Fact]
    public void Markdown_OfFixedFigures_IsThis() => Assert.Equal(
        """
        @MD
        """, Write(ComparisonMarkdown.Write));

    [Fact]
    public void Csv_OfFixedFigures_IsThis() => Assert.Equal(
        """
        @CSV
        """, Write(ComparisonCsv.Write));

    [Fact]
    public void Latex_OfFixedFigures_IsThis() => Assert.Equal(
        """
        @TEX
        """, Write(ComparisonLatex.Write));

    [Theory]
    [InlineData(new double[0], double.NaN, double.NaN, 0)]
    [InlineData(new[] { 3.0 }, 3.0, double.NaN, 1)]
    [InlineData(new[] { 1.0, 2.0, double.NaN, 3.0 }, 2.0, 1.0, 3)]
    public void Spread_OfSeeds_IsTheSamplesMeanAndDeviation(double[] values, double mean, double deviation, int count) =>
        Assert.Equal(new Spread(mean, deviation, count), Spread.Of(values));

    private static string Write(Action<Comparison, TextWriter> format)
    {
        using var output = new StringWriter { NewLine = "\n" };
        format(SampleComparison.Small, output);
        return output.ToString().ReplaceLineEndings("\n").TrimEnd('\n');
    }
}
