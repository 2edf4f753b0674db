using System.Net;
using System.Net.Sockets;
using Lcnn.Distributed.Client;
using Microsoft.Extensions.Time.Testing;

namespace Lcnn.Distributed.UnitTests.Client;

public sealed class GatewaysTests
{
    private static readonly ClusterAddress _address = ClusterAddress.Parse("lcnn://silos:30000,other");
    private readonly Dictionary<string, string[]> _names = [];
    private readonly FakeTimeProvider _clock = new();
    private readonly Gateways _gateways;

    public GatewaysTests() => _gateways = new Gateways(_address, ResolveAsync);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Gateways_BehindANameWhoseAddressesChange_ChangeWithThem()
    {
        _names["silos"] = ["10.0.0.1", "10.0.0.2"];
        Assert.Equal(["gwy.tcp://10.0.0.1:30000/0", "gwy.tcp://10.0.0.2:30000/0"], await UrisAsync());

        _names["silos"] = ["10.0.0.3"];
        _names["other"] = ["fd00::1"];
        Assert.Equal(["gwy.tcp://10.0.0.3:30000/0", "gwy.tcp://[fd00::1]:30000/0"], await UrisAsync());

        _names.Clear(); // the name service is away: those known before may still be there
        Assert.Equal(["gwy.tcp://10.0.0.3:30000/0", "gwy.tcp://[fd00::1]:30000/0"], await UrisAsync());
    }

    [Fact]
    public async Task Gateways_NameThatAppearsLater_IsWaitedFor()
    {
        var resolving = _gateways.ResolveWithinAsync(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1), _clock, Token);
        _clock.Advance(TimeSpan.FromSeconds(5));
        _names["silos"] = ["10.0.0.1"];
        _clock.Advance(TimeSpan.FromSeconds(1));

        await resolving;
    }

    [Fact]
    public async Task Gateways_NameThatNeverAppears_IsNamedInTheEnd()
    {
        var resolving = _gateways.ResolveWithinAsync(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1), _clock, Token);
        while (!resolving.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        var exception = await Assert.ThrowsAsync<ClusterUnreachableException>(() => resolving);
        Assert.Contains("silos", exception.Message, StringComparison.Ordinal);
        Assert.Contains("mend the host names", exception.Message, StringComparison.Ordinal);
    }

    private async Task<IEnumerable<string>> UrisAsync() => (await _gateways.GetGateways()).Select(uri => uri.ToString());

    private Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) => _names.TryGetValue(host, out var addresses)
        ? Task.FromResult(addresses.Select(IPAddress.Parse).ToArray())
        : Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound));
}
