using System.Net;
using System.Net.Sockets;

namespace Lcnn.Distributed.UnitTests.Schedules.StandIns;

/// <summary>What connections of one schedule go over, with its faults.</summary>
internal sealed class Network
{
    private readonly Dictionary<int, SocketStandIn> _listeners = [];
    private int _lastPort = 1000;

    /// <summary>Faults that may still happen by choice: refused connections and broken ones.</summary>
    public int FaultsLeft { get; set; }

    /// <summary>Bytes that fit into a connection in each direction.</summary>
    public int Capacity { get; set; } = 4096;

    public IPEndPoint Listen(SocketStandIn socket)
    {
        _listeners.Add(++_lastPort, socket);
        return new IPEndPoint(IPAddress.Loopback, _lastPort);
    }

    public SocketStandIn ListenerAt(int port) => _listeners.GetValueOrDefault(port) ?? throw new SocketException((int)SocketError.ConnectionRefused);

    public void Close(int port) => _listeners.Remove(port);
}
