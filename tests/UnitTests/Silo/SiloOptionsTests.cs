using Lcnn.Distributed.Client;
using Lcnn.Distributed.Silo;
using Lcnn.Distributed.Silo.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Lcnn.Distributed.UnitTests.Silo;

public sealed class SiloOptionsTests
{
    private static readonly SiloOptionsValidator _validator = new();

    [Fact]
    public void Validate_Defaults_AreFine() => Assert.True(_validator.Validate(null, new SiloOptions()).Succeeded);

    [Theory]
    [InlineData("auto")]
    [InlineData("cpu")]
    [InlineData("cuda:1")]
    [InlineData("cuda:0,cuda:1")]
    public void Validate_Devices_AreFine(string devices) => Assert.True(_validator.Validate(null, new SiloOptions { Devices = devices }).Succeeded);

    [Theory]
    [InlineData("")]
    [InlineData("gpu")]
    [InlineData("cpu,cuda:0")]
    [InlineData("cuda:-1")]
    [InlineData("cuda:0,cuda:0")]
    [InlineData("cuda:0, cuda:1")]
    public void Validate_OtherDevices_AreNamed(string devices) =>
        Assert.Contains(nameof(SiloOptions.Devices), Problem(new SiloOptions { Devices = devices }), StringComparison.Ordinal);

    [Fact]
    public void Validate_ManyProblems_NamesAllAtOnce()
    {
        var result = _validator.Validate(null, new SiloOptions
        {
            Name = "",
            Slots = 0,
            AdvertisedAddress = "a b",
            SiloPort = -1,
            GatewayPort = 70000,
            StreamPort = -1,
            HttpPort = 65536,
            ListenAddress = "0.0.0.0:80",
            StartTimeout = TimeSpan.FromSeconds(-1),
            PrimaryPort = 0,
            ClusterId = "a/b",
            ServiceId = "",
            StallTimeout = TimeSpan.Zero,
            DrainTimeout = TimeSpan.FromDays(2),
            KeepSteps = TimeSpan.MinValue,
            KeepTrialSteps = TimeSpan.FromHours(-1),
        });

        var problems = result.Failures!.ToList();
        string[] named =
        [
            nameof(SiloOptions.Name), nameof(SiloOptions.Slots), nameof(SiloOptions.AdvertisedAddress), nameof(SiloOptions.SiloPort),
            nameof(SiloOptions.GatewayPort), nameof(SiloOptions.StreamPort), nameof(SiloOptions.PrimaryPort), nameof(SiloOptions.ClusterId),
            nameof(SiloOptions.ServiceId), nameof(SiloOptions.StallTimeout), nameof(SiloOptions.DrainTimeout), nameof(SiloOptions.HttpPort),
            nameof(SiloOptions.ListenAddress), nameof(SiloOptions.StartTimeout), nameof(SiloOptions.KeepSteps), nameof(SiloOptions.KeepTrialSteps),
        ];
        Assert.Equal(named.Length, problems.Count);
        Assert.All(named, name => Assert.Contains(problems, problem => problem.Contains(name, StringComparison.Ordinal)));
    }

    /// <summary>Firewalls know the ports of a silo with the usual ones; a second one on a machine, which has others, gets along without being told.</summary>
    [Theory]
    [InlineData(11111, null, 11112)]
    [InlineData(0, null, 0)]
    [InlineData(7000, null, 0)]
    [InlineData(7000, 7002, 7002)]
    [InlineData(11111, 0, 0)]
    public void StreamPort_NotGiven_IsTheUsualOneBesideTheUsualSiloPort(int siloPort, int? streamPort, int expected) =>
        Assert.Equal(expected, new SiloOptions { SiloPort = siloPort, StreamPort = streamPort }.UsedStreamPort);

    [Fact]
    public void Validate_MoreSlotsThanListedGpus_IsNamed() =>
        Assert.Contains("2 GPUs are listed", Problem(new SiloOptions { Devices = "cuda:0,cuda:1", Slots = 3 }), StringComparison.Ordinal);

    [Fact]
    public async Task Host_WithBadOptions_DoesNotStart()
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.AddLcnnSilo(ClusterAddress.Localhost(), silo => (silo.SiloPort, silo.GatewayPort, silo.Slots) = (0, 0, 5000));

        var exception = await Assert.ThrowsAsync<OptionsValidationException>(async () =>
        {
            using var host = builder.Build();
            await host.StartAsync(TestContext.Current.CancellationToken);
        });

        Assert.Contains(nameof(SiloOptions.Slots), exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Host_PortsZero_AreFreeOnesInTheOptionsThatCount()
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.AddLcnnSilo(ClusterAddress.Parse("redis://host?cluster=lab"), silo => (silo.SiloPort, silo.GatewayPort, silo.Devices) = (0, 0, "cpu"));
        using var host = builder.Build();

        var options = host.Services.GetRequiredService<IOptions<SiloOptions>>().Value;

        Assert.True(options.SiloPort > 0 && options.GatewayPort > 0 && options.SiloPort != options.GatewayPort);
        Assert.Equal(("lab", Environment.ProcessorCount), (options.ClusterId, options.Slots));
    }

    private static string Problem(SiloOptions options) => Assert.Single(_validator.Validate(null, options).Failures!);
}
