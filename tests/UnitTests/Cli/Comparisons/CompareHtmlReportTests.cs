using System.Text.Json;
using System.Text.RegularExpressions;
using Lcnn.Distributed.Cli.Comparisons;
using Lcnn.Distributed.Cli.Export.Html;

namespace Lcnn.Distributed.UnitTests.Cli.Comparisons;

public sealed partial class CompareHtmlReportTests
{
    [Fact]
    public void Write_HostileTexts_NeverBecomeMarkup()
    {
        var page = Write(SampleComparison.Small, null);

        Assert.DoesNotContain("<script>document.title", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<img src=x", page, StringComparison.Ordinal);
        Assert.Contains("&lt;/script&gt;&lt;script&gt;document.title", page, StringComparison.Ordinal);
        Assert.Equal(3, Scripts().Count(page));
    }

    [Fact]
    public void Write_Everything_HasAChartAndATableForIt()
    {
        var page = Write(SampleComparison.Large, SampleComparison.Insight);

        Assert.Equal(["accuracy", "loss", "scatter", "noise", "robust", "certified", "beta", "gamma"], Charts().Matches(page).Select(match => match.Groups[1].Value));
        Assert.Equal(8, Regex.Count(page, "<details>.*?<table", RegexOptions.Singleline));
        Assert.Equal(6 * 9, Regex.Count(page, "<img src=\"data:image/png;base64,[^\"]+\" alt=\"[^\"]+\">"));
        Assert.DoesNotMatch("(src|href)=\"(?!data:)", page.Replace(ReportAssets.ECharts, "", StringComparison.Ordinal));
    }

    [Fact]
    public void Write_WhatWasNotMeasured_HasNoChart()
    {
        var comparison = SampleComparison.Small;
        var bare = comparison with { Methods = [.. comparison.Methods.Select(method => method with { Trials = [.. method.Trials.Select(trial => trial with { Robust = [], Certified = [], GradientChange = [] })] })] };

        var page = Write(bare, null);

        Assert.Equal(["accuracy", "loss", "scatter"], Charts().Matches(page).Select(match => match.Groups[1].Value));
        Assert.DoesNotContain("robust", page.Replace(ReportAssets.ECharts, "", StringComparison.Ordinal).Replace(ReportAssets.CompareScript, "", StringComparison.Ordinal).Replace("\"robust\":[]", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void Write_Charts_HaveTheirNumbersInTheDataBlock()
    {
        var data = DataBlock().Match(Write(SampleComparison.Small, null)).Groups[1].Value;

        using var content = JsonDocument.Parse(data);
        var methods = content.RootElement.GetProperty("methods");
        Assert.Equal(3, methods.GetArrayLength());
        Assert.Equal(0.43 * 0.9, methods[0].GetProperty("robust")[0].GetProperty("mean").GetDouble(), 1e-12);
        Assert.Equal(JsonValueKind.Null, methods[1].GetProperty("trials")[1].GetProperty("curvature").ValueKind);
    }

    private static string Write(Comparison comparison, ComparisonInsight? insight)
    {
        using var output = new StringWriter();
        CompareHtmlReport.Write(comparison, insight, output);
        return output.ToString();
    }

    [GeneratedRegex("<script")]
    private static partial Regex Scripts();

    [GeneratedRegex("class=\"chart\" id=\"([a-z]+)\"")]
    private static partial Regex Charts();

    [GeneratedRegex("<script type=\"application/json\" id=\"content\">(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex DataBlock();
}
