using System.Text.Json;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Export.Html;

/// <summary>The frame of every page: one HTML file that needs no network.</summary>
/// <remarks>
/// Values reach the page encoded, as text or as JSON in a data block; the content security policy runs no script but those that are inlined here,
/// by their hashes, and loads nothing.
/// </remarks>
internal static class HtmlPage
{
    private const string Closed = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; script-src ";

    /// <summary>A page with charts by Apache ECharts.</summary>
    /// <param name="title">Of the page, as text.</param>
    /// <param name="body">What can be seen without a script.</param>
    /// <param name="content">What the charts are drawn from.</param>
    /// <param name="script">What draws them.</param>
    public static HtmlText WithCharts(string title, HtmlText body, object content, string script)
    {
        // the serializer's encoder leaves no '<' in a string, so nothing can close the data block
        var json = new HtmlText(JsonSerializer.Serialize(content, content.GetType(), RunEventJson.Options));
        return Of(title, $"{ReportAssets.PolicyHash(ReportAssets.ECharts)} {ReportAssets.PolicyHash(script)}", HtmlText.Of($"""
            {body}
            <footer>Drawn with Apache ECharts (Apache License 2.0).</footer>
            <script type="application/json" id="content">{json}</script>
            <script>{new HtmlText(ReportAssets.ECharts)}</script>
            <script>{new HtmlText(script)}</script>
            """));
    }

    /// <summary>A page without a script.</summary>
    public static HtmlText Of(string title, HtmlText body) => Of(title, "'none'", body);

    private static HtmlText Of(string title, string scripts, HtmlText body) => HtmlText.Of($"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="{Closed + scripts}">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>{title}</title>
        <link rel="icon" href="data:,">
        <style>{new HtmlText(ReportAssets.Style)}</style>
        </head>
        <body>
        {body}
        </body>
        </html>

        """);
}
