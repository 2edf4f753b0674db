using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Lcnn.Distributed.Grains.Collectives.Streams;

/// <summary>Settings of every stream's socket.</summary>
internal static class SocketTuning
{
    private const int BufferBytes = 4 << 20;
    private const int ProtocolTcp = 6;
    private const int TcpCongestion = 13;

    /// <summary>Applies them to a connected socket.</summary>
    public static void Apply(Socket socket)
    {
        socket.NoDelay = true;
        socket.SendBufferSize = BufferBytes;
        socket.ReceiveBufferSize = BufferBytes;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        if (OperatingSystem.IsLinux() && StaysOnThisMachine(socket))
        {
            DoNotPace(socket);
        }
    }

    private static bool StaysOnThisMachine(Socket socket) =>
        socket is { LocalEndPoint: IPEndPoint local, RemoteEndPoint: IPEndPoint remote } && local.Address.Equals(remote.Address);

    // Where BBR is the system's default it paces bursts by its guess of a link that is not there: 1 MB took three times as long.
    private static void DoNotPace(Socket socket)
    {
        try
        {
            socket.SetRawSocketOption(ProtocolTcp, TcpCongestion, Encoding.ASCII.GetBytes("reno"));
        }
        catch (SocketException)
        {
            // A kernel without it: slower, not wrong.
        }
    }
}
