using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using Lcnn.Distributed.Grains.Collectives.Wire;

namespace Lcnn.Distributed.Grains.Collectives.Streams;

/// <summary>The bytes of one connection: the socket's own or, in a cluster with certificates, those of TLS over it. One thread may read while another writes.</summary>
internal sealed class StreamSocket(Socket socket, Stream? secured = null) : IDisposable
{
    /// <summary>Blocks until every byte is with the kernel.</summary>
    public void SendAll(ReadOnlySpan<byte> bytes)
    {
        if (secured is null)
        {
            while (bytes.Length > 0)
            {
                bytes = bytes[socket.Send(bytes)..];
            }

            return;
        }

        try
        {
            secured.Write(bytes);
        }
        catch (IOException exception) when (exception.InnerException is SocketException cause)
        {
            ExceptionDispatchInfo.Throw(cause); // as without TLS
        }
    }

    /// <summary>Blocks until there are some bytes.</summary>
    /// <returns>How many; never none.</returns>
    /// <exception cref="RejectedException">The other side ended the connection.</exception>
    public int Receive(Span<byte> bytes)
    {
        var count = secured is null ? socket.Receive(bytes) : ReceiveSecured(bytes);
        return count > 0 ? count : throw new RejectedException(RejectReason.Truncated, "the other side ended the connection");
    }

    /// <summary>Blocks until the buffer is full.</summary>
    /// <exception cref="RejectedException">The other side ended first.</exception>
    public void ReceiveAll(Span<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[Receive(bytes)..];
        }
    }

    /// <summary>Says that nothing more is sent.</summary>
    public void EndSending() => socket.Shutdown(SocketShutdown.Send);

    /// <summary>Ends the connection at once, whatever call a thread blocks in.</summary>
    public void Dispose() => socket.Dispose();

    private int ReceiveSecured(Span<byte> bytes)
    {
        try
        {
            return secured!.Read(bytes);
        }
        catch (IOException exception) when (exception.InnerException is SocketException cause)
        {
            ExceptionDispatchInfo.Throw(cause);
            throw;
        }
    }
}
