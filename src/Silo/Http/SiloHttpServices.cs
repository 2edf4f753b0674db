using System.Net;
using Lcnn.Distributed.Silo.Api;
using Lcnn.Distributed.Silo.Dashboard;
using Lcnn.Distributed.Silo.Health;
using Lcnn.Distributed.Silo.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using SiloOptions = Lcnn.Distributed.Silo.Configuration.SiloOptions;

namespace Lcnn.Distributed.Silo.Http;

/// <summary>A silo's web server: probes and metrics, which read and change nothing and ask nobody who he is, and the API.</summary>
internal static class SiloHttpServices
{
    private const string LivePath = "/healthz/live";
    private const string ReadyPath = "/healthz/ready";
    private const string MetricsPath = "/metrics";
    private const int MaxConnections = 512;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    public static void AddSiloHttp(this WebApplicationBuilder builder)
    {
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<SiloHttp>();
        builder.Services.AddReadiness();
        builder.Services.AddSiloApi();
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<SiloOptions>, IOptions<EndpointOptions>>(
            static (server, silo, endpoints) => Apply(server, endpoints.Value.GatewayListeningEndpoint!.Address, silo.Value.HttpPort!.Value));
    }

    public static void MapSiloHttp(this WebApplication application)
    {
        // That it answers is all that matters: a process that is started anew reaches a Redis that is away no better.
        var read = new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head]);
        application.MapHealthChecks(LivePath, new HealthCheckOptions { Predicate = static _ => false }).WithMetadata(read);
        application.MapHealthChecks(ReadyPath, new HealthCheckOptions { ResponseWriter = HealthText.WriteAsync }).WithMetadata(read);
        application.MapMetrics(MetricsPath).WithMetadata(read);
        application.MapSiloApi();
        application.MapDashboard();
    }

    // Whoever is slow or says nothing holds up nobody else.
    private static void Apply(KestrelServerOptions server, IPAddress listening, int port)
    {
        server.AddServerHeader = false;
        server.Limits.MaxConcurrentConnections = MaxConnections;
        server.Limits.MaxRequestBodySize = 0;
        server.Limits.RequestHeadersTimeout = _patience;
        server.Limits.KeepAliveTimeout = _patience + _patience; // longer than a kubelet's usual 10 seconds between two probes
        server.Listen(listening, port, static endpoint => endpoint.Use(new AddressLimit().Guard));
    }
}
