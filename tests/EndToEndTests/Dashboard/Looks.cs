using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using IRequest = Microsoft.Playwright.IRequest;

namespace Lcnn.Distributed.EndToEndTests.Dashboard;

/// <summary>How a page asks what happened to a run: of one whose epochs come faster than it can look, it must ask one thing after the other, and for nothing twice.</summary>
internal sealed partial class Looks
{
    private long _after;
    private int _underWay;

    /// <summary>Counts from now on.</summary>
    public Looks(IPage page)
    {
        page.Request += (_, request) =>
        {
            if (AfterIn(request) is { } after)
            {
                MostAtOnce = Math.Max(MostAtOnce, ++_underWay);
                AnyTwice |= after < _after;
                _after = after;
            }
        };
        page.RequestFinished += (_, request) => End(request);
        page.RequestFailed += (_, request) => End(request);
    }

    public int MostAtOnce { get; private set; }

    public bool AnyTwice { get; private set; }

    private void End(IRequest request) => _underWay -= AfterIn(request) is null ? 0 : 1;

    private static long? AfterIn(IRequest request) =>
        History().Match(request.Url) is { Success: true } match ? long.Parse($"0{match.Groups["after"].Value}", CultureInfo.InvariantCulture) : null;

    [GeneratedRegex(@"/history(\?after=(?<after>[0-9]+))?$")]
    private static partial Regex History();
}
