using System.Collections;
using System.Reflection;
using Lcnn.Distributed.Grains.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
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
    private const string ProtocolVariable = "OTEL_EXPORTER_OTLP_PROTOCOL";
    private const string OrleansMeter = "Microsoft.Orleans";

    /// <summary>Nothing is collected for nobody.</summary>
    public static void AddTelemetry(this IHostApplicationBuilder builder, SiloOptions own, bool isScraped)
    {
        var variables = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(entry => KeyValuePair.Create((string)entry.Key, (string?)entry.Value))
            .Where(entry => entry.Key.StartsWith(VariablePrefix, StringComparison.Ordinal)).ToDictionary();
        var collector = variables.GetValueOrDefault(EndpointVariable);
        var isSent = !string.IsNullOrWhiteSpace(collector);
        if (!isScraped && !isSent)
        {
            return;
        }

        if (isSent)
        {
            Check(collector!, variables.GetValueOrDefault(ProtocolVariable));
            builder.Services.AddHostedService(services => ActivatorUtilities.CreateInstance<CollectorTrouble>(services, collector!));
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

    // OpenTelemetry itself would send nothing and say so to nobody.
    private static void Check(string collector, string? protocol)
    {
        var problem = !Uri.TryCreate(collector, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https")
            ? $"{EndpointVariable}: expected the address of a collector such as http://host:4317, got '{collector}'"
            : protocol is not (null or "" or "grpc" or "http/protobuf") ? $"{ProtocolVariable}: expected grpc or http/protobuf, got '{protocol}'"
            : null;
        if (problem is not null)
        {
            throw new OptionsValidationException(EndpointVariable, typeof(SiloOptions), [problem]);
        }
    }

    private static string Version { get; } =
        typeof(SiloTelemetry).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";
}
