using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Silo.Clustering;
using Lcnn.Distributed.Silo.Configuration;
using Lcnn.Distributed.Silo.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>The work of <c>lcnn silo</c>.</summary>
internal sealed class SiloRunner(bool isDebugging) : ISiloRunner
{
    private static readonly TimeSpan _goodbye = TimeSpan.FromSeconds(5); // what the rest may take after the drain
    private static readonly TimeSpan _longestStopOfFaulty = TimeSpan.FromSeconds(5); // there is nothing to hand over, and nobody to say goodbye to

    public async Task<bool> RunAsync(SiloRequest request, Action<SiloReady> onReady, Action<string> onFault, CancellationToken stopping)
    {
        var host = await SiloHost.StartAsync(request.Address, request.Configure, isDebugging, LogLevel.Information, stopping);
        var fault = host.Services.GetRequiredService<SiloFault>();
        onReady(Describe(host.Services));

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(
            stopping, host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        await Task.Delay(Timeout.Infinite, ending.Token).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);

        var isFaulty = fault.Message is not null;
        if (isFaulty)
        {
            onFault(fault.Message!);
        }

        // Not disposed: the process ends next, and workers may still compute on what would go away under them.
        await SiloHost.StopAsync(host, isFaulty ? _longestStopOfFaulty : Options(host.Services).DrainTimeout + _goodbye);
        if (!isFaulty && fault.Message is { } late)
        {
            onFault(late);
        }

        return fault.Message is null;
    }

    private static SiloReady Describe(IServiceProvider services)
    {
        var options = Options(services);
        return new SiloReady
        {
            Silo = services.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToParsableString(),
            Name = options.Name,
            Slots = options.Slots ?? 0,
            GatewayPort = options.GatewayPort,
            HttpPort = services.GetService<SiloHttp>()?.Port,
            ProcessId = Environment.ProcessId,
        };
    }

    private static SiloOptions Options(IServiceProvider services) => services.GetRequiredService<IOptions<SiloOptions>>().Value;
}
