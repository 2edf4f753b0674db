using System.Diagnostics;
using System.Net;
using Lcnn.Distributed.Client.Security;
using Lcnn.Distributed.Contracts.Security;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Configuration;
using Orleans.Messaging;

namespace Lcnn.Distributed.Client;

/// <summary>The Orleans client behind <see cref="LcnnClient"/>.</summary>
internal static class ClientHost
{
    // A watcher hears of a lost silo no sooner; an idle watch is kept up by answers twice as often.
    private static readonly TimeSpan _answerTime = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan _stopTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan _retryPause = TimeSpan.FromMilliseconds(300);

    public static async Task<IHost> StartAsync(ClusterAddress address, ConnectOptions options, CancellationToken cancellationToken)
    {
        if (address.IsRedis)
        {
            await RedisProbe.AskAsync(address, isSilo: false, cancellationToken);
        }

        var refusals = new Refusals();
        var gateways = address.IsGateways ? new Gateways(address, Dns.GetHostAddressesAsync) : null;
        await (gateways?.ResolveWithinAsync(options.Timeout, _retryPause, options.Clock ?? TimeProvider.System, cancellationToken) ?? Task.CompletedTask);
        var host = Build(address, gateways, options, refusals);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(options.Timeout + options.AnswerTimeout);
        try
        {
            await host.StartAsync(timeout.Token);
            return host;
        }
        catch (Exception exception)
        {
            host.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw new ClusterUnreachableException($"no silo of {address} answered within {options.Timeout.TotalSeconds:0} seconds; {Advice(address, options, refusals)}", exception);
        }
    }

    public static async Task StopAsync(IHost host)
    {
        using var timeout = new CancellationTokenSource(_stopTimeout);
        try
        {
            await host.StopAsync(timeout.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or OrleansException)
        {
            // The cluster drops a client that just goes.
        }

        host.Dispose();
    }

    private static string Advice(ClusterAddress address, ConnectOptions options, Refusals refusals) =>
        refusals.Last is { } problem ? $"the one at its place was not trusted: {problem}"
        : (address.IsGateways ? "give gateways of running silos, and '?cluster=NAME' if theirs has a name" : "start one with 'lcnn silo', or mend the address")
            + (options.TlsFolder is null ? "; a cluster with certificates wants one of its clients" : "; one without certificates takes no TLS, and one with others does not take these: its log says so");

    private static IHost Build(ClusterAddress address, Gateways? gateways, ConnectOptions options, Refusals refusals)
    {
        var clock = options.Clock ?? TimeProvider.System;
        var folder = options.TlsFolder is { } path ? new TlsFolder(path, options.Token is null ? Role.View : Role.None, clock, NullLogger.Instance) : null;
        var passes = new PassIssuer(address.ClusterId, folder, () => options.Token, isSilo: false, clock);
        // Without the defaults: an appsettings.json in the user's folder is none of our business.
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        options.Logging(builder.Logging);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.UseOrleansClient(client =>
        {
            client.Configure<ClusterOptions>(cluster => ClusterIdentity.Apply(cluster, address.ClusterId))
                .Configure<ClientMessagingOptions>(messaging => messaging.ResponseTimeout = _answerTime)
                .Configure<GatewayOptions>(gateways => gateways.GatewayListRefreshPeriod = TimeSpan.FromSeconds(2))
                .AddOutgoingGrainCallFilter(new PassFilter(passes))
                .UseConnectionRetryFilter(RetryUntil(options.Timeout));
            if (folder is not null)
            {
                client.UseTls(tls => TlsConnections.ApplyDialling(tls, folder, clock, problem => refusals.Last = problem));
            }

            if (address.IsRedis)
            {
                client.UseRedisClustering(redis => redis.ConfigurationOptions = RedisConnections.Configure(address));
            }
            else
            {
                client.UseStaticClustering(new IPEndPoint(IPAddress.Loopback, address.Port));
            }

            if (gateways is not null)
            {
                client.Services.Replace(ServiceDescriptor.Singleton<IGatewayListProvider>(gateways));
            }
        });
        return builder.Build();
    }

    private static Func<Exception, CancellationToken, Task<bool>> RetryUntil(TimeSpan limit)
    {
        var since = Stopwatch.StartNew();
        return async (_, cancellationToken) =>
        {
            await Task.Delay(_retryPause, cancellationToken);
            return since.Elapsed < limit;
        };
    }

    // Why a silo that answered was not talked to.
    private sealed class Refusals
    {
        public string? Last { get; set; }
    }

    // Signals belong to whoever uses the library.
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
