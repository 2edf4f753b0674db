using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Lcnn.Distributed.Silo.Health;

/// <summary>A line for each check, for whoever asks by hand; probes look at the status alone.</summary>
internal static class HealthText
{
    public static Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(
            string.Concat(report.Entries.Select(entry => $"{entry.Key}: {(entry.Value.Status == HealthStatus.Healthy ? "yes" : $"no, {entry.Value.Description}")}\n")), context.RequestAborted);
    }
}
