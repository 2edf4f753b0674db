using Lcnn.Distributed.Grains.Benchmarks.Networks;

namespace Lcnn.Distributed.UnitTests.Grains.Benchmarks;

public sealed class SimulatedNetworkTests
{
    private const long Megabyte = 1_000_000;
    private const double OnePiece = 0.066; // of 64 KiB

    private readonly SimulatedNetwork _network = new(4, Megabyte, TimeSpan.FromSeconds(0.2));
    private readonly Dictionary<string, double> _arrived = [];

    [Fact]
    public void Send_Alone_TakesItsBytesAndHalfARoundTrip()
    {
        Send("a", 0, 1, 2 * Megabyte);

        Assert.Equal(2.1, Run()["a"], 1e-9);
    }

    [Fact]
    public void Send_InsideAProcess_IsThereAtOnceAndIsNoMessage()
    {
        Send("a", 2, 2, 2 * Megabyte);

        Assert.Equal(0, Run()["a"]);
        Assert.Equal((0, 0), (_network.MessageCount, _network.MostBytesSent));
    }

    [Fact]
    public void Send_BothWaysAtOnce_TakesNoLonger()
    {
        Send("there", 0, 1, Megabyte);
        Send("back", 1, 0, Megabyte);

        Assert.All(Run().Values, time => Assert.Equal(1.1, time, 1e-9));
    }

    [Fact]
    public void Send_TwoConnectionsOfALink_TakeTurns()
    {
        Send("long", 0, 1, 2 * Megabyte);
        Send("short", 0, 2, Megabyte);

        Run();

        Assert.Equal(2.1, _arrived["short"], OnePiece);
        Assert.Equal(3.1, _arrived["long"], OnePiece);
        Assert.Equal(3 * Megabyte, _network.MostBytesSent);
    }

    [Fact]
    public void Send_TwoMessagesOfAConnection_ArriveInOrder()
    {
        Send("first", 0, 1, Megabyte);
        Send("second", 0, 1, 10);

        Run();

        Assert.Equal(1.1, _arrived["first"], 1e-9);
        Assert.Equal(1.1, _arrived["second"], 1e-3);
        Assert.True(_arrived["second"] > _arrived["first"]);
    }

    [Fact]
    public void Send_ThreeToOne_ShareItsLink()
    {
        foreach (var from in new[] { 1, 2, 3 })
        {
            Send($"{from}", from, 0, Megabyte);
        }

        Assert.Equal(3.1, Run().Values.Max(), OnePiece);
    }

    private void Send(string name, int from, int to, long bytes) => _network.Send(from, to, bytes, () => _arrived.Add(name, _network.Now));

    private Dictionary<string, double> Run()
    {
        _network.Run();
        return _arrived;
    }
}
