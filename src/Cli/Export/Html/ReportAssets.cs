using System.Security.Cryptography;
using System.Text;

namespace Lcnn.Distributed.Cli.Export.Html;

/// <summary>The files that every report carries inside.</summary>
internal static class ReportAssets
{
    /// <summary>Apache ECharts; where it comes from is in the README beside it.</summary>
    public static string ECharts { get; } = Read("echarts.min.js");

    /// <summary>Draws the charts of a sweep.</summary>
    public static string SweepScript { get; } = WithCharts("sweep.js");

    /// <summary>Draws the charts of a comparison.</summary>
    public static string CompareScript { get; } = WithCharts("compare.js");

    /// <summary>Draws the charts of runs.</summary>
    public static string RunScript { get; } = WithCharts("run.js");

    /// <summary>Colours and layout.</summary>
    public static string Style { get; } = Read("report.css");

    /// <summary>What a content security policy calls a script by.</summary>
    public static string PolicyHash(string script) => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script)))}'";

    private static string WithCharts(string name) => Read("charts.js") + Read(name);

    private static string Read(string name)
    {
        using var resource = typeof(ReportAssets).Assembly.GetManifestResourceStream($"report/{name}")!;
        using var reader = new StreamReader(resource, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
