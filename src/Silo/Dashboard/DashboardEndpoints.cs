using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Lcnn.Distributed.Silo.Dashboard;

/// <summary>The page at the silo's web address, all of it from within the program: it asks the API for what it shows, and may load nothing from elsewhere.</summary>
internal static class DashboardEndpoints
{
    private const string Prefix = "dashboard/";
    private const string Index = "index.html";

    // Scripts and styles are files of this silo; uPlot and the page set styles by script alone, which needs no exception.
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly Dictionary<string, Asset> _assets = typeof(DashboardEndpoints).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).ToDictionary(name => name[Prefix.Length..], name => new Asset(name));

    public static void MapDashboard(this IEndpointRouteBuilder routes)
    {
        var read = new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head]);
        routes.Map("/", context => SendAsync(context, Index)).WithMetadata(read);
        routes.Map("/assets/{name}", context => SendAsync(context, (string)context.Request.RouteValues["name"]!)).WithMetadata(read);
    }

    private static Task SendAsync(HttpContext context, string name)
    {
        if (!_assets.TryGetValue(name, out var asset))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        var headers = context.Response.Headers;
        (headers.ContentSecurityPolicy, headers.XContentTypeOptions, headers["Referrer-Policy"]) = (Policy, "nosniff", "no-referrer");
        (headers.ETag, headers.CacheControl) = (asset.Tag, "no-cache");
        return context.Request.Headers.IfNoneMatch.Contains(asset.Tag)
            ? Results.StatusCode(StatusCodes.Status304NotModified).ExecuteAsync(context)
            : Results.Stream(asset.Open(), asset.Type).ExecuteAsync(context);
    }

    // Read from the program whenever it is asked for: most silos never are.
    private sealed class Asset(string resource)
    {
        private readonly Lazy<string> _tag = new(() =>
        {
            using var content = Open(resource);
            return $"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 12))}\"";
        });

        public string Tag => _tag.Value;

        public string Type { get; } = Path.GetExtension(resource) switch
        {
            ".html" => "text/html; charset=utf-8",
            ".css" => "text/css; charset=utf-8",
            _ => "text/javascript; charset=utf-8",
        };

        public Stream Open() => Open(resource);

        private static Stream Open(string resource) => typeof(DashboardEndpoints).Assembly.GetManifestResourceStream(resource)!;
    }
}
