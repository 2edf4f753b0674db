using Lcnn.Distributed.Grains.Collectives.Routing;
using Lcnn.Distributed.Grains.Placement;
using Lcnn.Distributed.Grains.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Lcnn.Distributed.Silo.Health;

/// <summary>What has to hold before a silo is counted on: by whoever updates silos one after the other, and by services in front of them.</summary>
internal static class Readiness
{
    private static readonly TimeSpan _storeIsAway = TimeSpan.FromSeconds(5);

    public static void AddReadiness(this IServiceCollection services)
    {
        services.AddSingleton<DeviceProbe>();
        services.AddHostedService(provider => provider.GetRequiredService<DeviceProbe>());
        services.AddHealthChecks()
            .Add(Check("member", static provider => provider.GetRequiredService<ISiloStatusOracle>().CurrentStatus is var status && status == SiloStatus.Active
                ? null : $"it is {status} in the cluster"))
            .Add(Check("staying", static provider => provider.GetRequiredService<SlotLedger>().IsDraining ? "it hands its work over and leaves" : null))
            .Add(Check("store", static provider => provider.GetRequiredService<StoreReach>().Away is var away && away < _storeIsAway
                ? null : $"it has not reached its store for {away.TotalSeconds:0} s"))
            .Add(Check("streams", static provider => provider.GetRequiredService<TransportHub>().Local.StreamEndpoint.Length > 0
                ? null : "it could not listen for gradients: its log says why"))
            .Add(Check("devices", static provider => provider.GetRequiredService<DeviceProbe>().Problem));
    }

    private static HealthCheckRegistration Check(string name, Func<IServiceProvider, string?> problemOf) => new(
        name, provider => new ProblemCheck(() => problemOf(provider)), HealthStatus.Unhealthy, tags: null);

    private sealed class ProblemCheck(Func<string?> find) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(find() is { } problem ? HealthCheckResult.Unhealthy(problem) : HealthCheckResult.Healthy());
    }
}
