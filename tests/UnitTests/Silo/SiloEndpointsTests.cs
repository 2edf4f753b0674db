using System.Net;
using System.Net.Sockets;
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Silo.Clustering;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using SiloOptions = Lcnn.Distributed.Silo.Configuration.SiloOptions;

namespace Lcnn.Distributed.UnitTests.Silo;

public sealed class SiloEndpointsTests
{
    private const string Elsewhere = "192.0.2.1"; // for documentation: no machine has it, so it is listened for on all addresses

    // No machine has a way to the broadcast address for a datagram that is no broadcast.
    private static readonly IPAddress _unreachable = IPAddress.Broadcast;

    [Fact]
    public void Towards_FirstAddressWithoutAWay_TakesTheNext() =>
        Assert.Equal(IPAddress.Loopback, SiloEndpoints.Towards([_unreachable, IPAddress.IPv6Loopback]));

    [Fact]
    public void Towards_NoAddressWithAWay_Fails() =>
        Assert.Throws<SocketException>(() => SiloEndpoints.Towards([_unreachable, _unreachable]));

    [Fact]
    public void Advertised_HostOfRedisThatIsNotKnown_IsNamed()
    {
        var exception = Assert.Throws<ClusterUnreachableException>(
            () => SiloEndpoints.Advertised(ClusterAddress.Parse("redis://no-such-host.invalid"), given: ""));

        Assert.Contains("the host 'no-such-host.invalid' is not known to this machine", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Advertised_NameThatIsNotKnown_IsNamed()
    {
        var exception = Assert.Throws<ClusterUnreachableException>(
            () => SiloEndpoints.Advertised(ClusterAddress.Parse("redis://127.0.0.1"), given: "no-such-host.invalid"));

        Assert.Equal(
            "the address to advertise, 'no-such-host.invalid', is not known to this machine; mend the name or the DNS, or give an IP address (--advertise)",
            exception.Message);
    }

    [Fact]
    public void Apply_ReachedFromElsewhereWithoutCertificates_IsRefusedUnlessSaid()
    {
        Assert.Contains("--insecure", Problem(new SiloOptions { AdvertisedAddress = Elsewhere }), StringComparison.Ordinal);
        Assert.Contains("--run-roots", Problem(new SiloOptions { AdvertisedAddress = Elsewhere, TlsFolder = "/tls" }), StringComparison.Ordinal);

        Apply(new SiloOptions { AdvertisedAddress = Elsewhere, Insecure = true });
        Apply(new SiloOptions { AdvertisedAddress = Elsewhere, TlsFolder = "/tls", RunRoots = "/runs" });
        Apply(new SiloOptions { AdvertisedAddress = "127.0.0.1" });
        Apply(new SiloOptions { AdvertisedAddress = "::1" });
        Apply(new SiloOptions());
    }

    [Fact]
    public void Apply_ListenAddress_IsApartFromTheAdvertisedOne()
    {
        var endpoints = new EndpointOptions();

        SiloEndpoints.Apply(endpoints, ClusterAddress.Localhost(), new SiloOptions { AdvertisedAddress = Elsewhere, ListenAddress = "127.0.0.1" }); // on loopback no certificates are wanted

        Assert.Equal(IPAddress.Parse(Elsewhere), endpoints.AdvertisedIPAddress);
        Assert.Equal((IPAddress.Loopback, IPAddress.Loopback), (endpoints.SiloListeningEndpoint!.Address, endpoints.GatewayListeningEndpoint!.Address));
        Assert.Contains("--insecure", Problem(new SiloOptions { ListenAddress = "0.0.0.0" }), StringComparison.Ordinal);
        Assert.Contains(
            "the address to listen at, 'no-such-host.invalid', is not known",
            Assert.Throws<ClusterUnreachableException>(() => Apply(new SiloOptions { ListenAddress = "no-such-host.invalid" })).Message, StringComparison.Ordinal);
    }

    private static string Problem(SiloOptions options) => Assert.Throws<OptionsValidationException>(() => Apply(options)).Message;

    private static void Apply(SiloOptions options) => SiloEndpoints.Apply(new EndpointOptions(), ClusterAddress.Localhost(), options);
}
