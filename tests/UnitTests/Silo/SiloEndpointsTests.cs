using System.Net;
using System.Net.Sockets;
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Silo.Clustering;

namespace Lcnn.Distributed.UnitTests.Silo;

public sealed class SiloEndpointsTests
{
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
}
