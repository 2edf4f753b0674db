using Microsoft.Playwright;

namespace Lcnn.Distributed.EndToEndTests.Reports;

/// <summary>What a page has drawn.</summary>
internal static class Canvas
{
    // Distinct colours of a canvas: an empty one has one.
    private const string CountColours = """
        host => {
          const canvas = host.querySelector("canvas");
          if (!canvas) return 0;
          const pixels = new Uint32Array(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.buffer);
          return new Set(pixels).size;
        }
        """;

    /// <summary>Charts on which something is drawn, by id or class.</summary>
    public static async Task<IReadOnlyList<string>> DrawnAsync(IPage page)
    {
        var drawn = new List<string>();
        foreach (var host in await page.Locator(".chart").AllAsync())
        {
            if (await host.EvaluateAsync<int>(CountColours) > 4)
            {
                drawn.Add(await host.EvaluateAsync<string>("host => host.id || (host.classList.contains('front') ? 'front' : host.parentElement.className)"));
            }
        }

        return drawn;
    }

    /// <summary>For people: LCNN_SCREENSHOTS names the folder.</summary>
    public static async Task SaveAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("LCNN_SCREENSHOTS") is { Length: > 0 } folder)
        {
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name), FullPage = true });
        }
    }
}
