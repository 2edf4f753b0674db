using System.Net.Sockets;

namespace Lcnn.Distributed.Grains.Collectives.Streams;

/// <summary>Settings of every stream's socket.</summary>
internal static class SocketTuning
{
    private const int BufferBytes = 4 << 20;

    public static void Apply(Socket socket)
    {
        socket.NoDelay = true;
        socket.SendBufferSize = BufferBytes;
        socket.ReceiveBufferSize = BufferBytes;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
    }
}
