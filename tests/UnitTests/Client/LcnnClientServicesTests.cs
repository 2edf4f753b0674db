using System.Net;
using System.Net.Sockets;
using Lcnn.Distributed.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Lcnn.Distributed.UnitTests.Client;

public sealed class LcnnClientServicesTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AddLcnnClient_HostWithGrains_UsesThemAndIsOneForAll()
    {
        var builder = NewBuilder();
        builder.Services.AddSingleton(FakeGrains.With());
        builder.AddLcnnClient().AddLcnnClient();

        using var host = builder.Build();
        await host.StartAsync(Cancellation);

        var client = host.Services.GetRequiredService<LcnnClient>();
        Assert.Same(client, host.Services.GetRequiredService<IRunLauncher>());
        await Assert.ThrowsAsync<NotSupportedException>(() => client.ListRunsAsync(1, Cancellation)); // the host's own grains were asked
        await host.StopAsync(Cancellation);
    }

    [Fact]
    public async Task AddLcnnClient_NoAddressAndNoOrleans_SaysWhatToSet()
    {
        var builder = NewBuilder();
        builder.AddLcnnClient();
        using var host = builder.Build();

        var exception = await Assert.ThrowsAsync<ClusterUnreachableException>(() => host.StartAsync(Cancellation));

        Assert.Contains("LcnnClientOptions.Cluster", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddLcnnClient_WrongOptions_StopTheStartWithEveryProblem()
    {
        var builder = NewBuilder();
        builder.Configuration.AddInMemoryCollection([new("Lcnn:Cluster", "http://:s3cret@host")]);
        builder.AddLcnnClient(options => options.AnswerTimeout = TimeSpan.Zero);
        using var host = builder.Build();

        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Cancellation));

        Assert.Equal(2, exception.Failures.Count());
        Assert.Contains("'redis', 'rediss' or 'lcnn'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("AnswerTimeout must be between 00:00:00.1", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddLcnnClient_NoSiloAnswers_StopsTheStartByName()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start(); // takes connections and says nothing
        var builder = NewBuilder();
        builder.AddLcnnClient(options => (options.Cluster, options.Timeout, options.AnswerTimeout) =
            ($"lcnn://{taken.LocalEndpoint}", TimeSpan.FromSeconds(0.2), TimeSpan.FromSeconds(0.2)));
        using var host = builder.Build();

        var exception = await Assert.ThrowsAsync<ClusterUnreachableException>(() => host.StartAsync(Cancellation));

        Assert.Contains($"no silo of lcnn://{taken.LocalEndpoint} answered", exception.Message, StringComparison.Ordinal);
        var unconnected = await Assert.ThrowsAsync<InvalidOperationException>(
            () => host.Services.GetRequiredService<IRunLauncher>().ListRunsAsync(1, Cancellation));
        Assert.Contains("not connected", unconnected.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_GatewayOfNoKnownName_SaysSo()
    {
        var address = ClusterAddress.Parse("lcnn://no-such-host.invalid");

        var exception = await Assert.ThrowsAsync<ClusterUnreachableException>(() => LcnnClient.ConnectAsync(address, null, Cancellation));

        Assert.Contains("no-such-host.invalid", exception.Message, StringComparison.Ordinal);
    }

    private static HostApplicationBuilder NewBuilder() => Host.CreateEmptyApplicationBuilder(null);
}
