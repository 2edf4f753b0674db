using Lcnn.Distributed.Cli.Comparisons;
using Lcnn.Distributed.Cli.Export.Html;
using Lcnn.Distributed.UnitTests.Cli;
using Microsoft.Playwright;

namespace Lcnn.Distributed.EndToEndTests.Reports;

/// <summary>The HTML report of a comparison in a real browser.</summary>
public sealed class CompareReportTests : IDisposable
{
    private static readonly string[] _charts = ["accuracy", "loss", "scatter", "noise", "robust", "certified", "beta", "gamma"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Report_OfEightMethods_DrawsEveryChartAndFitsThePage()
    {
        await using var browser = await Browser.StartAsync();
        var path = Write(SampleComparison.Large, SampleComparison.Insight);
        foreach (var (colors, width) in new[] { (ColorScheme.Light, 1280), (ColorScheme.Dark, 1280), (ColorScheme.Light, 390), (ColorScheme.Dark, 390) })
        {
            var (page, troubles) = await browser.OpenAsync(path, colors, width);

            Assert.Equal(_charts, await Canvas.DrawnAsync(page));
            Assert.Equal(54, await page.EvaluateAsync<int>("() => [...document.images].filter(image => image.complete && image.naturalWidth === 28).length"));
            Assert.Equal(width, await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"));
            await Canvas.SaveAsync(page, $"compare-{colors.ToString().ToLowerInvariant()}-{width}.png");
            Assert.Empty(troubles);
        }
    }

    [Fact]
    public async Task Report_Used_SortsTheTableAndOpensTheFiguresOfAChart()
    {
        await using var browser = await Browser.StartAsync();
        var (page, troubles) = await browser.OpenAsync(Write(SampleComparison.Large, null));

        await page.Locator("#table th", new() { HasText = "curvature" }).First.ClickAsync();
        Assert.Equal("recipe", await page.Locator("#table tbody th").First.TextContentAsync());
        await page.Locator("summary").First.ClickAsync();
        Assert.True(await page.Locator("details table").First.IsVisibleAsync());
        Assert.Empty(troubles);
    }

    private string Write(Comparison comparison, ComparisonInsight? insight)
    {
        using var output = new StreamWriter(_folder["report.html"]);
        CompareHtmlReport.Write(comparison, insight, output);
        return _folder["report.html"];
    }
}
