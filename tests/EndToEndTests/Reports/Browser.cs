using Microsoft.Playwright;

namespace Lcnn.Distributed.EndToEndTests.Reports;

/// <summary>The distribution's Chromium, started for one test.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private const string Program = "chromium";

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private Browser(IPlaywright playwright, IBrowser browser) => (_playwright, _browser) = (playwright, browser);

    /// <summary>Starts one; skips the test where none is installed, which continuous integration does not accept.</summary>
    public static async Task<Browser> StartAsync()
    {
        var path = Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, Program)).FirstOrDefault(File.Exists);
        const string Problem = $"{Program} is not installed: apt-get install {Program}";
        if (path is null && TestTier.IsContinuousIntegration)
        {
            Assert.Fail(Problem);
        }

        Assert.SkipWhen(path is null, Problem);
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = path,
            Args =
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
            ],
        });
        return new Browser(playwright, browser);
    }

    /// <summary>Opens a file in a window of its own and writes down what its console and its requests say.</summary>
    public Task<(IPage Page, List<string> Troubles)> OpenAsync(string path, ColorScheme colors = ColorScheme.Light, int width = 1280) => OpenAsync(new Uri(path), colors, width);

    /// <summary>Opens an address in a window of its own and writes down what its console says, and each request to anywhere else.</summary>
    public async Task<(IPage Page, List<string> Troubles)> OpenAsync(Uri address, ColorScheme colors = ColorScheme.Light, int width = 1280)
    {
        var page = await _browser.NewPageAsync(new BrowserNewPageOptions { ColorScheme = colors, ViewportSize = new ViewportSize { Width = width, Height = 900 } });
        var troubles = new List<string>();
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                troubles.Add($"{message.Type}: {message.Text}");
            }
        };
        page.PageError += (_, error) => troubles.Add($"exception: {error}");
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(address.IsFile ? "file:" : address.AbsoluteUri, StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal))
            {
                troubles.Add($"request: {request.Url}");
            }
        };
        await page.GotoAsync(address.AbsoluteUri);
        return (page, troubles);
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
