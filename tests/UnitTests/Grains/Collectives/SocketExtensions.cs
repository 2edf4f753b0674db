using System.Net.Sockets;
using Lcnn.Distributed.Grains.Collectives.Wire;

namespace Lcnn.Distributed.UnitTests.Grains.Collectives;

/// <summary>What a stranger at a raw socket does.</summary>
internal static class SocketExtensions
{
    /// <summary>Blocks until every byte is with the kernel.</summary>
    public static void SendAll(this Socket socket, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[socket.Send(bytes)..];
        }
    }

    /// <summary>Blocks until the buffer is full.</summary>
    /// <exception cref="RejectedException">The other side ended first.</exception>
    public static void ReceiveAll(this Socket socket, Span<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var count = socket.Receive(bytes);
            bytes = count > 0 ? bytes[count..] : throw new RejectedException(RejectReason.Truncated, "the other side ended the connection");
        }
    }
}
