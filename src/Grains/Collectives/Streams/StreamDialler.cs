using System.Globalization;
using System.Net.Sockets;
using Lcnn.Distributed.Grains.Collectives.Links;
using Lcnn.Distributed.Grains.Collectives.Wire;

namespace Lcnn.Distributed.Grains.Collectives.Streams;

/// <summary>Dials another process and goes through the handshake.</summary>
internal static class StreamDialler
{
    /// <summary>A proved connection and the last parcel that the other side has.</summary>
    /// <param name="inSmallPackets">Whether larger ones did not get through.</param>
    /// <exception cref="RejectedException">It took too long, or the other side is not who it should be.</exception>
    public static Task<(StreamSocket Socket, long ArrivedThere)> DialAsync(
        string endpoint, HandshakeParty party, byte[] token, long arrived, bool inSmallPackets, TransportServices services, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(
            () => Dial(endpoint, party, token, arrived, inSmallPackets, services, cancellationToken),
            cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static (StreamSocket Socket, long ArrivedThere) Dial(
        string endpoint, HandshakeParty party, byte[] token, long arrived, bool inSmallPackets, TransportServices services, CancellationToken cancellationToken)
    {
        // Blocking calls to the end: one asynchronous call would make all later ones of this socket go through the poller.
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        var split = endpoint.LastIndexOf(':');
        using var deadline = new SocketDeadline(socket, services.Options.HandshakeTimeout, services.Clock, cancellationToken);
        try
        {
            if (inSmallPackets)
            {
                SocketTuning.UseSmallPackets(socket);
            }

            socket.Connect(endpoint[..split], int.Parse(endpoint.AsSpan(split + 1), CultureInfo.InvariantCulture));
            SocketTuning.Apply(socket);
            var secured = new StreamSocket(socket, services.Security?.Dial(socket));
            return (secured, Handshake.Dial(secured, party, token, arrived));
        }
        catch (Exception exception)
        {
            socket.Dispose();
            throw deadline.Explain(exception);
        }
    }
}
