using Lcnn.Distributed.Cli.Export.Html;
using Lcnn.Distributed.Cli.Reports;
using Lcnn.Distributed.UnitTests.Cli;
using Microsoft.Playwright;

namespace Lcnn.Distributed.EndToEndTests.Reports;

/// <summary>The page of a run, and of several, in one browser.</summary>
public sealed class RunReportTests
{
    [Fact]
    public async Task Page_OfOneRunAndOfSeveral_DrawsEveryChartInBothThemesAtAnyWidth()
    {
        using var folder = new TemporaryFolder();
        var (alone, beside) = (Write(folder["run.html"], SampleRun.Of("a run")), Write(folder["runs.html"], SampleRun.Of("one"), SampleRun.Of("two")));
        await using var browser = await Browser.StartAsync();
        foreach (var (name, path, charts) in new[] { ("run", alone, 15), ("runs", beside, 10) })
        {
            foreach (var (colours, width) in new[] { (ColorScheme.Light, 1280), (ColorScheme.Dark, 390) })
            {
                var (page, troubles) = await browser.OpenAsync(path, colours, width);

                Assert.Equal(charts, (await Canvas.DrawnAsync(page)).Count);
                Assert.True(await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth") <= width, $"{name} is wider than {width} pixels");
                await Canvas.SaveAsync(page, $"{name}-{colours.ToString().ToLowerInvariant()}-{width}.png");
                Assert.Empty(troubles);
            }
        }
    }

    private static string Write(string path, params ReportedRun[] runs)
    {
        using var output = new StreamWriter(path);
        RunHtmlReport.Write(runs, output);
        return path;
    }
}
