using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;
using StackExchange.Redis.Configuration;

namespace Lcnn.Distributed.Client;

/// <summary>Lets StackExchange.Redis connect by <see cref="ReachableSocket"/>, each time anew: names move.</summary>
internal sealed class ReachableTunnel(TimeSpan patience) : Tunnel
{
    private const int ProtocolTcp = 6;
    private const int TcpUserTimeout = 18;
    private const int ProbeSeconds = 2;
    private const int Probes = 3;
    private static readonly TimeSpan _silence = TimeSpan.FromSeconds(6);

    /// <inheritdoc/>
    public override ValueTask<EndPoint?> GetSocketConnectEndpointAsync(EndPoint endpoint, CancellationToken cancellationToken) => new((EndPoint?)null);

    /// <inheritdoc/>
    public override async ValueTask<Stream?> BeforeAuthenticateAsync(
        EndPoint endpoint, ConnectionType connectionType, Socket? socket, CancellationToken cancellationToken)
    {
        var (host, port) = endpoint switch
        {
            DnsEndPoint name => (name.Host, name.Port),
            IPEndPoint address => (address.Address.ToString(), address.Port),
            _ => throw new NotSupportedException($"{endpoint} is no address of a Redis"),
        };
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(patience);
        var connected = await ReachableSocket.ConnectAsync(host, port, timeout.Token);
        NoticeSilence(connected);
        return new NetworkStream(connected, ownsSocket: true);
    }

    // A cable that is cut tells nobody, and once it is mended the kernel may wait for a minute before it sends again what was lost: a new connection is there in seconds.
    private static void NoticeSilence(Socket socket)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, ProbeSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, ProbeSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Probes);
        try
        {
            if (OperatingSystem.IsLinux())
            {
                socket.SetRawSocketOption(ProtocolTcp, TcpUserTimeout, BitConverter.GetBytes((int)_silence.TotalMilliseconds));
            }
        }
        catch (SocketException)
        {
            // A kernel without it: slower to see a fault, not wrong.
        }
    }
}
