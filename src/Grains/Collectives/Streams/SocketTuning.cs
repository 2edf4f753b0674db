using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Lcnn.Distributed.Grains.Collectives.Streams;

/// <summary>Settings of every stream's socket.</summary>
/// <remarks>
/// A switch that drops packets in silence tells nobody: bytes that are not acknowledged for <see cref="_silence"/> end the connection, and so do
/// probes on an idle one. Buffers are left to the kernel, which grows them with the link; a fixed size is capped at 208 KiB on stock Linux, a tenth of what
/// 1 Gbit/s takes at 20 ms.
/// </remarks>
internal static class SocketTuning
{
    private const int LocalBufferBytes = 4 << 20;
    private const int ProtocolTcp = 6;
    private const int TcpMaxSegment = 2;
    private const int TcpCongestion = 13;
    private const int TcpUserTimeout = 18;
    private const int ProbeSeconds = 2;
    private const int Probes = 3;
    private const int SmallSegment = 1208; // a packet of IPv6's 1280 bytes, which every link takes, with its options

    private static readonly TimeSpan _silence = TimeSpan.FromSeconds(8);

    /// <summary>Applies them to a connected socket.</summary>
    public static void Apply(Socket socket)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, ProbeSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, ProbeSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Probes);
        SetOnLinux(socket, TcpUserTimeout, BitConverter.GetBytes((int)_silence.TotalMilliseconds));
        if (StaysOnThisMachine(socket))
        {
            socket.SendBufferSize = LocalBufferBytes;
            socket.ReceiveBufferSize = LocalBufferBytes;
            // Where BBR is the system's default it paces bursts by its guess of a link that is not there: 1 MB took three times as long.
            SetOnLinux(socket, TcpCongestion, Encoding.ASCII.GetBytes("reno"));
        }
    }

    /// <summary>Before it connects: both sides send packets that fit through any link, where a connection stood still though its handshake went through.</summary>
    public static void UseSmallPackets(Socket socket) => SetOnLinux(socket, TcpMaxSegment, BitConverter.GetBytes(SmallSegment));

    private static bool StaysOnThisMachine(Socket socket) =>
        socket is { LocalEndPoint: IPEndPoint local, RemoteEndPoint: IPEndPoint remote } && local.Address.Equals(remote.Address);

    private static void SetOnLinux(Socket socket, int option, byte[] value)
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                socket.SetRawSocketOption(ProtocolTcp, option, value);
            }
        }
        catch (SocketException)
        {
            // A kernel without it: slower to see a fault, not wrong.
        }
    }
}
