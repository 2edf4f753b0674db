using System.Collections;
using System.Reflection;
using Lcnn.Distributed.Grains.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using SiloOptions = Lcnn.Distributed.Silo.Configuration.SiloOptions;

namespace Lcnn.Distributed.Silo.Telemetry;

/// <summary>Where a silo's measurements, spans and logs go: to whoever scrapes, and by OTLP to the collector that the usual <c>OTEL_*</c> variables name.</summary>
internal static class SiloTelemetry
{
    private const string VariablePrefix = "OTEL_";
    private const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string OrleansMeter = "Microsoft.Orleans";

    /// <summary>Nothing is collected for nobody.</summary>
    public static void AddTelemetry(this IHostApplicationBuilder builder, SiloOptions own, bool isScraped)
    {
        var variables = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(entry => KeyValuePair.Create((string)entry.Key, (string?)entry.Value))
            .Where(entry => entry.Key.StartsWith(VariablePrefix, StringComparison.Ordinal)).ToDictionary();
        var isSent = !string.IsNullOrWhiteSpace(variables.GetValueOrDefault(EndpointVariable));
        if (!isScraped && !isSent)
        {
            return;
        }

        builder.Configuration.AddInMemoryCollection(variables); // where OpenTelemetry looks for them
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource
                .AddService("lcnn-silo", serviceVersion: Version, serviceInstanceId: own.Name).AddEnvironmentVariableDetector())
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(Measures.Name, OrleansMeter);
                if (isScraped)
                {
                    metrics.AddPrometheusExporter(prometheus => prometheus.ScopeInfoEnabled = false);
                }
            });
        if (isSent)
        {
            telemetry.WithTracing(static traces => traces.AddSource(Measures.Name)).WithLogging().UseOtlpExporter();
        }
    }

    /// <summary>Answers those who scrape.</summary>
    public static IEndpointConventionBuilder MapMetrics(this IEndpointRouteBuilder endpoints, string path) => endpoints.MapPrometheusScrapingEndpoint(path);

    private static string Version { get; } =
        typeof(SiloTelemetry).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";
}
