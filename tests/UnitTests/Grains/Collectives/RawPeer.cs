using System.Net;
using System.Net.Sockets;
using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Grains.Collectives.Links;
using Lcnn.Distributed.Grains.Collectives.Routing;
using Lcnn.Distributed.Grains.Collectives.Streams;
using Lcnn.Distributed.Grains.Collectives.Wire;
using Lcnn.Distributed.Model.Evaluation;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Lcnn.Distributed.UnitTests.Grains.Collectives;

/// <summary>A process with rank 0 and, as rank 1, a peer whose every byte the test decides.</summary>
internal sealed class RawPeer : IDisposable
{
    public const string RunId = "run-1";

    // The lower id dials.
    private static readonly Guid _process = new("00000000-0000-0000-0000-000000000001");

    public RawPeer(TransportOptions? options = null, TimeProvider? clock = null, params PeerAddress[] others)
        : this(options, clock, security: null, others)
    {
    }

    public RawPeer(TransportOptions? options, TimeProvider? clock, IStreamSecurity? security, params PeerAddress[] others)
    {
        Hub = new TransportHub(
            Options.Create(options ?? new TransportOptions { DialledTimeout = TimeSpan.FromHours(1) }), clock ?? TimeProvider.System, NullLogger<TransportHub>.Instance, security);
        Target = Guid.Parse(Hub.Local.Process);
        Peers = new WorkerPeers(Token, [Hub.Local, new PeerAddress(_process.ToString("N"), "127.0.0.1:1"), .. others]);
        Mailbox = Hub.Open(RunId, 1, 0);
    }

    public TransportHub Hub { get; }

    public Mailbox Mailbox { get; }

    public WorkerPeers Peers { get; }

    public byte[] Token { get; } = [.. Enumerable.Repeat((byte)7, 32)];

    public Guid Target { get; }

    public HandshakeParty Party => new(RunId, 1, _process, Target);

    /// <summary>A frame that is right: one parcel of scores in its only piece.</summary>
    public static (FrameHeader Header, byte[] Piece) Frame(long sequence, ParcelKind kind = ParcelKind.Scores)
    {
        var (metadata, _) = Wired.ToBytes(new ScoresParcel([new BatchScore(1, 2, 3)]));
        var header = new FrameHeader
        {
            Type = FrameType.Parcel,
            Run = FrameHeader.TagOf(RunId),
            Generation = 1,
            FromRank = 1,
            ToRank = 0,
            Key = new ParcelKey(kind, sequence),
            Sequence = sequence,
            MetadataLength = metadata.Length,
            ParcelLength = metadata.Length,
            PieceLength = metadata.Length,
            PieceChecksum = Crc32C.Append(0, metadata),
        };
        return (header, metadata);
    }

    public static byte[] Bytes(FrameHeader header, ReadOnlySpan<byte> piece)
    {
        var bytes = new byte[FrameHeader.Size + piece.Length];
        header.Write(bytes);
        piece.CopyTo(bytes.AsSpan(FrameHeader.Size));
        return bytes;
    }

    /// <summary>Rank 0 begins.</summary>
    public ITransport Connect() => Hub.Connect(RunId, 1, 0, "auto", Peers, _ => new FakeRelay(_ => Task.CompletedTask));

    public Socket Dial()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPEndPoint.Parse(Hub.Local.StreamEndpoint));
        return socket;
    }

    /// <summary>Dials and goes through the handshake.</summary>
    public (Socket Socket, long ArrivedThere) Greet(long arrived = 0)
    {
        var socket = Dial();
        return (socket, Handshake.Dial(new StreamSocket(socket), Party, Token, arrived));
    }

    /// <summary>Sends what it has and waits until the other side has closed.</summary>
    public static void Finish(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
            Span<byte> rest = stackalloc byte[1024];
            while (socket.Receive(rest) > 0)
            {
                // Acknowledgements.
            }
        }
        catch (SocketException)
        {
            // Closed with bytes unread.
        }

        socket.Dispose();
    }

    public void Dispose() => Hub.Dispose();
}
