using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Deque.AxeCore.Playwright;
using Lcnn.Distributed.EndToEndTests.Clusters;
using Lcnn.Distributed.EndToEndTests.Reports;
using Microsoft.Playwright;

namespace Lcnn.Distributed.EndToEndTests.Dashboard;

/// <summary>The dashboard of two silos behind one address, in a real browser.</summary>
public sealed partial class DashboardTests
{
    private const string ViewToken = "look-but-do-not-touch";
    private const string OperateToken = "press-all-the-buttons";
    private const string Sweep = """
        base: {dataset: digits, epochs: 2, trainLimit: 64, testLimit: 50, curvatureSamples: 5, workers: 1, batchSize: 32}
        parameters: {lr: {values: [0.1, 0.05, 0.02]}, betaWeight: {values: [0.001, 0.01]}}
        goal: [{maximize: testAccuracy}, {minimize: curvature}]
        maxConcurrent: 2
        """;

    // Rows of a chart's table and colours on its canvas: an empty one has one.
    private const string DrawnCharts = """
        () => [...document.querySelectorAll('figure.chart')].map(figure => {
          const canvas = figure.querySelector('canvas');
          const colours = canvas && canvas.width ? new Set(new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size : 0;
          return { title: figure.getAttribute('aria-label'), colours, rows: figure.querySelectorAll('tbody tr').length };
        })
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Dashboard_OfTwoSilos_ShowsSteersAndGoesOnWhenItsSiloIsKilled()
    {
        await using var redis = await RedisServer.StartAsync();
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["tokens"], $"view {ViewToken}\noperate {OperateToken}\n", Token);
        string[] options = ["--http-port", "0", "--slots", "2", "--token-file", folder["tokens"], "--drain-timeout", "1"];
        await using var one = await SiloProcess.StartAsync(redis.Address, folder.Path, [.. options, "--name", "one"]);
        await using var two = await SiloProcess.StartAsync(redis.Address, folder.Path, [.. options, "--name", "two"]);
        await using var service = new Service(PortOf(one), PortOf(two));
        using var caller = new HttpClient { BaseAddress = new Uri($"{service.Address}api/v1/") };
        caller.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", OperateToken);
        await using var browser = await Browser.StartAsync();

        var (page, troubles) = await browser.OpenAsync(new Uri(service.Address));
        await LogInAsync(page);
        var looks = new Looks(page);
        await StartRunAsync(page);
        Assert.Equal(2, troubles.RemoveAll(trouble => Refused().IsMatch(trouble))); // the wrong token's and the wrong option's
        await WatchRunAsync(page);
        Assert.Equal((1, false), (looks.MostAtOnce, looks.AnyTwice));
        await CheckSweepAsync(page, caller);
        await CompareAsync(page);
        await LookAtAllPagesAsync(page);
        Assert.DoesNotContain(troubles, trouble => !Readback().IsMatch(trouble));

        one.Kill9();
        await CheckOtherSiloAsync(page, caller);
        await CancelAsync(page);
        Assert.DoesNotContain(troubles, trouble => !Lost().IsMatch(trouble) && !Readback().IsMatch(trouble));
    }

    private static int PortOf(SiloProcess silo) => silo.Ready.GetProperty("httpPort").GetInt32();

    private static async Task LogInAsync(IPage page)
    {
        await page.GetByLabel("Token").FillAsync("wrong-wrong-wrong-wrong");
        await page.GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("its token is not known here");
        await page.GetByLabel("Token").FillAsync(OperateToken);
        await page.GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Runs" })).ToBeVisibleAsync();
        Assert.Empty(await page.EvaluateAsync<string>("() => document.cookie"));
    }

    private static async Task StartRunAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Start a run" }).ClickAsync();
        await page.GetByLabel("Id, or none for a new one").FillAsync("endless");
        await page.GetByLabel("Tags, with commas between them").FillAsync("browser, long");
        var options = page.GetByLabel("Options of lcnn train, in camelCase");
        await options.FillAsync("""{"dataset": "digits", "epoch": 3}""");
        await page.GetByRole(AriaRole.Button, new() { Name = "Start", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("options.epoch: there is no such option");
        await options.FillAsync("""{"dataset": "digits", "arch": "mlp4-lcnn", "trainLimit": 64, "testLimit": 50, "batchSize": 32, "epochs": 1000000, "workers": 1, "curvatureSamples": 0, "schedule": "constant", "lr": 0.01}""");
        await page.GetByRole(AriaRole.Button, new() { Name = "Start", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "endless" })).ToBeVisibleAsync();
    }

    // Its charts grow while it trains, and are read by keyboard alone.
    private static async Task WatchRunAsync(IPage page)
    {
        await Assertions.Expect(page.GetByText("training", new() { Exact = true }).First).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await page.WaitForFunctionAsync($"() => ({DrawnCharts})().filter(chart => chart.rows > 3 && chart.colours > 8).length >= 5", null, new() { Timeout = 60_000 });
        var before = await LastStepAsync(page, "Loss");
        await page.WaitForFunctionAsync("before => Number(document.querySelector('figure[aria-label=Loss] tbody tr:last-child td').textContent.replace(/\\D/g, '')) > before", before, new() { Timeout = 60_000 });
        await Assertions.Expect(page.Locator(".tags")).ToContainTextAsync("browserlong");
        await Assertions.Expect(page.GetByRole(AriaRole.Region, new() { Name = "Seconds of each rank" }).Locator("tbody tr td").Nth(5)).ToHaveTextAsync(Samples(), new() { Timeout = 30_000 });
        await page.Locator("figure[aria-label=Loss] .plot").FocusAsync();
        await page.Keyboard.PressAsync("Home");
        await Assertions.Expect(page.Locator("figure[aria-label=Loss] .said")).ToContainTextAsync("step 1: loss ");
        await page.Keyboard.PressAsync("ArrowRight");
        await Assertions.Expect(page.Locator("figure[aria-label=Loss] .said")).ToContainTextAsync(" loss ");
        await page.Keyboard.PressAsync("+");
        await Assertions.Expect(page.Locator("figure[aria-label=Loss] .tools")).ToContainTextAsync("steps 1 to ");
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(page.Locator("figure[aria-label=Loss] .tools")).Not.ToContainTextAsync("steps 1 to ");
    }

    private static async Task CheckSweepAsync(IPage page, HttpClient caller)
    {
        using var file = new StringContent(Sweep, Encoding.UTF8, "application/yaml");
        (await caller.PostAsync("sweeps?id=rates", file, Token)).EnsureSuccessStatusCode();
        await page.GetByRole(AriaRole.Link, new() { Name = "Sweeps" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "rates" }).ClickAsync();
        await Assertions.Expect(page.GetByText("completed", new() { Exact = true })).ToHaveCountAsync(7, new() { Timeout = 120_000 }); // six trials and the sweep
        await page.WaitForFunctionAsync($"() => ({DrawnCharts})().filter(chart => chart.colours > 8).length === 5", null, new() { Timeout = 60_000 });
        await page.GetByText("On the front:").GetByRole(AriaRole.Button).First.ClickAsync();
        await Assertions.Expect(page.Locator(".picked")).ToContainTextAsync("betaWeight = ");
        await Assertions.Expect(page.Locator(".picked").GetByRole(AriaRole.Link, new() { Name = "Its run" })).ToBeVisibleAsync();
        await ReadDrawingsAsync(page);
    }

    // Points of the sweep's drawings are read and picked by keyboard alone.
    private static async Task ReadDrawingsAsync(IPage page)
    {
        foreach (var (title, last) in new[] { ("testAccuracy against curvature", ", testAccuracy "), ("Options and goals of every trial", ", betaWeight "), ("testAccuracy by lr", ", lr 0.1, ") })
        {
            var figure = page.Locator($"figure[aria-label='{title}']");
            await figure.Locator(".drawing").FocusAsync();
            await page.Keyboard.PressAsync("ArrowRight");
            await Assertions.Expect(figure.Locator(".said")).ToContainTextAsync("trial ");
            var first = await figure.Locator(".said").TextContentAsync();
            await page.Keyboard.PressAsync("End");
            await Assertions.Expect(figure.Locator(".said")).Not.ToHaveTextAsync(first!);
            await Assertions.Expect(figure.Locator(".said")).ToContainTextAsync(last);
            await page.Keyboard.PressAsync("Enter");
            await Assertions.Expect(page.Locator(".picked h2")).ToHaveTextAsync(TrialName().Match((await figure.Locator(".said").TextContentAsync())!).Value, new() { IgnoreCase = true });
            await page.Keyboard.PressAsync("Escape");
            await Assertions.Expect(figure.Locator(".said")).ToHaveTextAsync("");
        }
    }

    private static async Task CompareAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = "Runs" }).ClickAsync();
        await page.GetByLabel("trials of sweeps, too").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "browser", Exact = true }).ClickAsync();
        await Assertions.Expect(page.Locator("tbody tr")).ToHaveCountAsync(1);
        await page.GetByRole(AriaRole.Button, new() { Name = "browser", Exact = true }).ClickAsync();
        foreach (var id in new[] { "endless", "rates-0001", "rates-0002" })
        {
            await page.GetByLabel($"compare {id}", new() { Exact = true }).CheckAsync();
        }

        await page.GetByRole(AriaRole.Link, new() { Name = "Compare 3" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "3 runs" })).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("figure[aria-label=Loss] .legend li")).ToHaveCountAsync(3, new() { Timeout = 30_000 });
        await page.WaitForFunctionAsync($"() => ({DrawnCharts})().every(chart => chart.colours > 8)", null, new() { Timeout = 60_000 });
    }

    // No page is wider than its window, and axe finds nothing serious, in both themes; people look at the pictures.
    private static async Task LookAtAllPagesAsync(IPage page)
    {
        foreach (var (name, hash, heading) in new[]
        {
            ("runs", "#/runs", "Runs"), ("run", "#/runs/endless", "endless"), ("compare", "#/compare/endless,rates-0001,rates-0002", "3 runs"),
            ("sweeps", "#/sweeps", "Sweeps"), ("sweep", "#/sweeps/rates", "rates"), ("silos", "#/silos", "Silos"),
        })
        {
            await page.EvaluateAsync("hash => { location.hash = hash; }", hash);
            await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = heading, Exact = true })).ToBeVisibleAsync();
            await page.WaitForFunctionAsync($"() => document.querySelectorAll('table').length > 0 && ({DrawnCharts})().every(chart => chart.colours > 8)", null, new() { Timeout = 60_000 });
            foreach (var colours in new[] { ColorScheme.Light, ColorScheme.Dark })
            {
                await page.EmulateMediaAsync(new() { ColorScheme = colours });
                foreach (var width in new[] { 390, 1280, 2560 })
                {
                    await page.SetViewportSizeAsync(width, 900);
                    await page.WaitForFunctionAsync("width => document.documentElement.scrollWidth <= width", width, new() { Timeout = 10_000 });
                    await Canvas.SaveAsync(page, $"dashboard-{name}-{width}-{colours.ToString().ToLowerInvariant()}.png");
                }

                await page.SetViewportSizeAsync(1280, 900);
                var found = (await page.RunAxe()).Violations.Where(violation => violation.Impact is "serious" or "critical").ToList();
                Assert.True(found.Count == 0, $"{name}, {colours}: {string.Join("; ", found.Select(violation => $"{violation.Help}: {string.Join(", ", violation.Nodes.Select(node => node.Html).Take(3))}"))}");
            }
        }
    }

    private static async Task CheckOtherSiloAsync(IPage page, HttpClient caller)
    {
        await page.EvaluateAsync("() => { location.hash = '#/runs/endless'; }");
        var before = (await SeriesAsync(caller)).GetProperty("lastStep").GetInt64();
        await page.WaitForFunctionAsync(
            "before => Number(document.querySelector('figure[aria-label=Loss] tbody tr:last-child td')?.textContent.replace(/\\D/g, '') ?? 0) > before + 20", before, new() { Timeout = 120_000 });
        var series = await SeriesAsync(caller);
        Assert.Equal(Enumerable.Range(1, 200), series.GetProperty("steps").EnumerateArray().Select(step => step.GetInt32()).Take(200));
        await Assertions.Expect(page.GetByText("The connection is lost")).Not.ToBeVisibleAsync(new() { Timeout = 60_000 });
    }

    // While no silo has taken the run up yet, the service's other silo may still say so.
    private static async Task<JsonElement> SeriesAsync(HttpClient caller)
    {
        while (true)
        {
            using var answer = await caller.GetAsync("runs/endless/series?fields=loss&to=200&points=10000", Token);
            if (answer.IsSuccessStatusCode)
            {
                var series = await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
                if (series.GetProperty("lastStep").GetInt64() >= 200)
                {
                    return series;
                }
            }

            await Task.Yield();
        }
    }

    private static async Task CancelAsync(IPage page)
    {
        page.Dialog += (_, dialog) => dialog.AcceptAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Assertions.Expect(page.Locator(".head .phase").First).ToHaveTextAsync("cancelled", new() { Timeout = 60_000 });
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Resume" })).ToBeVisibleAsync();
    }

    private static async Task<long> LastStepAsync(IPage page, string chart) =>
        long.Parse((await page.Locator($"figure[aria-label={chart}] tbody tr:last-child td").First.TextContentAsync())!.Replace(",", "", StringComparison.Ordinal), System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex("status of 40[01]")]
    private static partial Regex Refused();

    [GeneratedRegex("^[1-9][0-9,]*$")]
    private static partial Regex Samples();

    [GeneratedRegex("^trial [0-9]+")]
    private static partial Regex TrialName();

    // The test's own looking at canvases.
    [GeneratedRegex("Canvas2D: Multiple readback")]
    private static partial Regex Readback();

    [GeneratedRegex("ERR_|Failed to load resource")]
    private static partial Regex Lost();
}
