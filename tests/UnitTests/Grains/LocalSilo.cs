using System.Net;

namespace Lcnn.Distributed.UnitTests.Grains;

/// <summary>A silo that a test plays.</summary>
internal sealed record LocalSilo(SiloAddress SiloAddress) : ILocalSiloDetails
{
    public string Name => "";

    public string ClusterId => "";

    public string DnsHostName => "";

    public SiloAddress GatewayAddress => SiloAddress;

    /// <summary>An address of its own for each number.</summary>
    public static SiloAddress Address(int number) => SiloAddress.New(IPAddress.Loopback, 11111, number);
}
