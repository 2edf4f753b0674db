using Lcnn.Distributed.Client;
using Lcnn.Distributed.Silo;
using Lcnn.Distributed.Silo.Clustering;
using Lcnn.Distributed.Silo.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>Makes and ends the host of a silo in this process; signals stay with the command.</summary>
internal static class SiloHost
{
    public static async Task<IHost> StartAsync(
        ClusterAddress address, Action<SiloOptions> configure, bool isDebugging, LogLevel level, CancellationToken cancellationToken)
    {
        var own = new SiloOptions();
        configure(own);
        if (address.IsRedis && own.StartTimeout > TimeSpan.Zero)
        {
            using var logs = LoggerFactory.Create(logging => logging.AddLcnnConsole(isDebugging, level));
            await RedisArrival.AwaitAsync(address, own.StartTimeout, TimeProvider.System, logs.CreateLogger(typeof(RedisArrival)), cancellationToken);
        }

        var host = SiloApplication.Build(address, configure, builder =>
        {
            builder.Logging.AddLcnnConsole(isDebugging, level);
            builder.Services.AddSingleton<IHostLifetime, SilentLifetime>();
        });
        try
        {
            await host.StartAsync(cancellationToken);
            return host;
        }
        catch (Exception exception)
        {
            host.Dispose();
            if (SiloProblems.OfRedis(exception, address) is { } problem)
            {
                throw problem;
            }

            throw;
        }
    }

    public static async Task StopAsync(IHost host, TimeSpan limit)
    {
        using var timeout = new CancellationTokenSource(limit);
        try
        {
            await host.StopAsync(timeout.Token).WaitAsync(timeout.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or AggregateException)
        {
            // The process ends next: the others notice that without a goodbye.
        }
    }

    // Signals belong to the command: they stop the run first, then the host.
    private sealed class SilentLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
