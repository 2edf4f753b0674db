using System.Text.Json;
using Lcnn.Distributed.Cli.Export;
using Lcnn.Distributed.Cli.Export.Html;
using Lcnn.Distributed.UnitTests.Cli;
using Microsoft.Playwright;

namespace Lcnn.Distributed.EndToEndTests.Reports;

/// <summary>The HTML report of a sweep in a real browser.</summary>
public sealed class SweepReportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Report_OfASweep_DrawsEveryChartWithoutErrors(ColorScheme colors)
    {
        await using var browser = await Browser.StartAsync();

        var (page, troubles) = await browser.OpenAsync(Write(SampleSweep.Export(24)), colors);

        Assert.Equal(["history", "importance", "front", "parallel", "slice", "slice", "slice", "slice", "slice"], await Canvas.DrawnAsync(page));
        Assert.Equal(0, await page.Locator(".empty").CountAsync());
        await Canvas.SaveAsync(page, $"report-{colors.ToString().ToLowerInvariant()}.png");
        Assert.Empty(troubles);
    }

    [Fact]
    public async Task Report_WithHostileTexts_ShowsThemAsTexts()
    {
        await using var browser = await Browser.StartAsync();

        var (page, troubles) = await browser.OpenAsync(Write(SampleSweep.Export(24)));

        Assert.Equal(SampleSweep.Spec.Name, await page.TitleAsync());
        Assert.Equal(SampleSweep.HostileText.ReplaceLineEndings("\n"), (await page.Locator("td.error").Last.TextContentAsync())!.ReplaceLineEndings("\n"));
        Assert.Equal(0, await page.Locator("img, h1 b").CountAsync());
        Assert.Equal(3, await page.Locator("script").CountAsync());
        Assert.Empty(troubles);
    }

    [Fact]
    public async Task Report_InjectedScript_IsRefusedByThePolicy()
    {
        await using var browser = await Browser.StartAsync();
        var path = Write(SampleSweep.Export(1));
        var markup = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(path, markup.Replace("<footer>", "<img src=x onerror=\"document.title='owned'\"><footer>", StringComparison.Ordinal), TestContext.Current.CancellationToken);

        var (page, troubles) = await browser.OpenAsync(path);

        Assert.Equal(SampleSweep.Spec.Name, await page.TitleAsync());
        Assert.Contains(troubles, trouble => trouble.Contains("Content Security Policy", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Report_Used_SwitchesGoalsSortsTheTableAndShowsTips()
    {
        await using var browser = await Browser.StartAsync();
        var (page, troubles) = await browser.OpenAsync(Write(SampleSweep.Export(24)));

        await page.GetByRole(AriaRole.Button, new() { Name = "curvature", Exact = true }).First.ClickAsync();
        Assert.Contains("variance of curvature", await page.Locator("#importance-note").TextContentAsync(), StringComparison.Ordinal);
        Assert.Equal(9, (await Canvas.DrawnAsync(page)).Count);

        await page.Locator("th", new() { HasText = "testAccuracy" }).ClickAsync();
        await page.Locator("th", new() { HasText = "testAccuracy" }).ClickAsync();
        Assert.Equal(["best"], await page.EvaluateAsync<string[]>("() => [...document.querySelectorAll('#trials tbody tr')].slice(0, 1).map(row => row.className)"));
        Assert.Contains("failed", await page.Locator("#trials tbody tr").Last.TextContentAsync(), StringComparison.Ordinal);

        // a point of the chart, found by the chart's own coordinates
        var place = await page.EvaluateAsync<JsonElement>(
            "() => { const chart = echarts.getInstanceByDom(document.getElementById('history')); const data = chart.getOption().series[0].data[0]; const [x, y] = chart.convertToPixel({ seriesIndex: 0 }, data.value); return { x, y }; }");
        await page.Locator("#history").HoverAsync(new() { Position = new() { X = place.GetProperty("x").GetSingle(), Y = place.GetProperty("y").GetSingle() } });
        await page.Locator("#history .tip").WaitForAsync(new() { Timeout = 10_000 });
        Assert.Contains("trial 1, completed", await page.Locator("#history .tip").TextContentAsync(), StringComparison.Ordinal);
        Assert.Empty(troubles);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 8)]
    public async Task Report_OfHardlyAnyTrials_SaysWhatCannotBeDrawn(int trials, int drawn)
    {
        await using var browser = await Browser.StartAsync();

        var (page, troubles) = await browser.OpenAsync(Write(SampleSweep.Export(trials)));

        Assert.Equal(drawn, (await Canvas.DrawnAsync(page)).Count);
        Assert.NotEqual(0, await page.Locator(".empty").CountAsync());
        Assert.Equal(trials, await page.Locator("#trials tbody tr").CountAsync());
        await Canvas.SaveAsync(page, $"report-{trials}.png");
        Assert.Empty(troubles);
    }

    private string Write(SweepExport export)
    {
        using var output = new StreamWriter(_folder["report.html"]);
        SweepHtmlReport.Write(export, output);
        return _folder["report.html"];
    }
}
