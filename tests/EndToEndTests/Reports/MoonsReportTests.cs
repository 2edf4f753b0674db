using Microsoft.Playwright;

namespace Lcnn.Distributed.EndToEndTests.Reports;

/// <summary><c>lcnn demo two-moons</c>, and its page in a real browser.</summary>
public sealed class MoonsReportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Demo_TwoMoons_DrawsAPageThatFitsAndAPictureOfLetters()
    {
        await using var demo = await LcnnProcess.RunAsync("demo", "two-moons", "--out", _folder["moons.html"]);
        Assert.True(await demo.WaitForExitAsync() == 0, demo.ToString());
        Assert.Contains(demo.Output, line => line.StartsWith("lcnn: test accuracy", StringComparison.Ordinal));
        Assert.Contains(demo.Output, line => line.Contains("##x", StringComparison.Ordinal));

        await using var browser = await Browser.StartAsync();
        foreach (var (colors, width) in new[] { (ColorScheme.Light, 1280), (ColorScheme.Dark, 390) })
        {
            var (page, troubles) = await browser.OpenAsync(_folder["moons.html"], colors, width);

            Assert.Equal(width, await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"));
            Assert.Equal(4, await page.Locator("svg image").CountAsync());
            await Canvas.SaveAsync(page, $"moons-{colors.ToString().ToLowerInvariant()}-{width}.png");
            Assert.Empty(troubles);
        }
    }
}
