using System.Net.Sockets;
using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Grains.Collectives.Streams;
using Lcnn.Distributed.Grains.Collectives.Wire;
using Lcnn.Distributed.Model.Evaluation;
using Microsoft.Extensions.Time.Testing;

namespace Lcnn.Distributed.UnitTests.Grains.Collectives;

public sealed class StreamFrameTests
{
    [Fact]
    public void Receive_FrameOfAnotherGeneration_IsDroppedAndCountedAndTheNextOneTaken()
    {
        using var peer = new RawPeer();
        peer.Connect();
        var (socket, _) = peer.Greet();
        var (header, piece) = RawPeer.Frame(1);

        socket.SendAll(RawPeer.Bytes(header with { Generation = 2 }, piece));
        socket.SendAll(RawPeer.Bytes(header with { Run = 5 }, piece));
        socket.SendAll(RawPeer.Bytes(header, piece));

        Assert.Equal(new BatchScore(1, 2, 3), Take(peer, 1).Batches[0]);
        Assert.Equal(2, peer.Hub.Counters.Stale);
        RawPeer.Finish(socket);
    }

    [Fact]
    public void Receive_ParcelSentAgainAfterARedial_IsDeliveredOnce()
    {
        using var peer = new RawPeer();
        peer.Connect();
        var (header, piece) = RawPeer.Frame(1);
        var (first, nothing) = peer.Greet();
        first.SendAll(RawPeer.Bytes(header, piece));
        Take(peer, 1);
        RawPeer.Finish(first);

        var (second, arrived) = peer.Greet();
        second.SendAll(RawPeer.Bytes(header, piece));
        second.SendAll(RawPeer.Bytes(RawPeer.Frame(2).Header, piece));
        Take(peer, 2);

        Assert.Equal((0, 1), (nothing, arrived));
        Assert.Equal(1, peer.Hub.Counters.Duplicates);
        RawPeer.Finish(second);
    }

    [Fact]
    public async Task Receive_BeforeItsRankBegins_WaitsForIt()
    {
        using var peer = new RawPeer();
        var greeting = Task.Run(() => peer.Greet(), TestContext.Current.CancellationToken);

        peer.Connect();
        var (socket, _) = await greeting;

        socket.SendAll([.. RawPeer.Bytes(RawPeer.Frame(1).Header, RawPeer.Frame(1).Piece)]);
        Take(peer, 1);
        RawPeer.Finish(socket);
    }

    [Fact]
    public void Handshake_OtherToken_IsSeenByBothSides()
    {
        using var peer = new RawPeer();
        peer.Connect();
        using var socket = peer.Dial();

        var problem = Assert.Throws<RejectedException>(() => Handshake.Dial(new StreamSocket(socket), peer.Party, [1, 2, 3], 0));
        RawPeer.Finish(socket);
        using var liar = peer.Dial();
        liar.SendAll(Hello(peer));
        liar.ReceiveAll(new byte[64]);
        liar.SendAll(new byte[40]); // what it would say that knows no token
        RawPeer.Finish(liar);

        Assert.Equal(RejectReason.Proof, problem.Reason);
        AssertRejected(peer, RejectReason.Proof);
    }

    [Theory]
    [InlineData(0, 1, nameof(RejectReason.Magic))]
    [InlineData(4, 9, nameof(RejectReason.Version))]
    [InlineData(6, 0, nameof(RejectReason.Size))]
    [InlineData(7, 255, nameof(RejectReason.Size))]
    [InlineData(8, 9, nameof(RejectReason.UnknownRun))]
    [InlineData(76, 9, nameof(RejectReason.UnknownRun))]
    [InlineData(28, 77, nameof(RejectReason.WrongProcess))]
    [InlineData(12, 77, nameof(RejectReason.WrongProcess))]
    public void Handshake_OneByteIsWrong_IsTurnedAwayForIt(int offset, byte value, string reason)
    {
        using var peer = new RawPeer();
        peer.Connect();
        var hello = Hello(peer);
        hello[offset] = hello[offset] == value ? (byte)(value + 1) : value;
        using var socket = peer.Dial();

        socket.SendAll(hello);
        RawPeer.Finish(socket);

        AssertRejected(peer, Enum.Parse<RejectReason>(reason));
    }

    [Fact]
    public void Handshake_TakesTooLongOrTooManyAtOnce_IsTurnedAway()
    {
        var clock = new FakeTimeProvider();
        using var peer = new RawPeer(new TransportOptions { MaxHandshakes = 2, DialledTimeout = TimeSpan.FromHours(1) }, clock);
        peer.Connect();
        using var first = peer.Dial();
        using var second = peer.Dial();
        first.SendAll(Hello(peer)); // answered, so it is under way
        first.ReceiveAll(new byte[64]);
        second.SendAll(Hello(peer));
        second.ReceiveAll(new byte[64]);

        RawPeer.Finish(peer.Dial());
        AssertRejected(peer, RejectReason.TooMany);
        clock.Advance(TimeSpan.FromSeconds(11));
        RawPeer.Finish(first);
        RawPeer.Finish(second);

        AssertRejected(peer, RejectReason.TimedOut);
    }

    [Fact]
    public void Handshake_ListenerFullOfSilentStrangers_TheLongestSilentMakesRoom()
    {
        using var peer = new RawPeer(new TransportOptions { MaxHandshakes = 2, DialledTimeout = TimeSpan.FromHours(1) }, new FakeTimeProvider());
        peer.Connect();
        using var first = peer.Dial();
        using var second = peer.Dial();

        var (socket, _) = peer.Greet();

        using (socket)
        {
            Assert.True(first.Poll(TimeSpan.FromMinutes(1), SelectMode.SelectRead), "it was not turned away");
            AssertRejected(peer, RejectReason.TooMany);
            Assert.False(second.Poll(0, SelectMode.SelectRead), "it was turned away as well");
        }
    }

    [Fact]
    public void Handshake_NoHelloInTime_IsTurnedAwayBeforeOthers()
    {
        var clock = new FakeTimeProvider();
        using var peer = new RawPeer(new TransportOptions { HandshakeTimeout = TimeSpan.FromMinutes(10), DialledTimeout = TimeSpan.FromHours(1) }, clock);
        peer.Connect();
        using var silent = peer.Dial();
        using var known = peer.Dial();
        known.SendAll(Hello(peer));
        known.ReceiveAll(new byte[64]); // answered, so it is under way

        while (!silent.Poll(microSeconds: 10_000, SelectMode.SelectRead))
        {
            clock.Advance(TimeSpan.FromSeconds(3)); // again, since its time may not have begun
        }

        AssertRejected(peer, RejectReason.TimedOut);
        Assert.False(known.Poll(0, SelectMode.SelectRead), "its time is not over yet");
    }

    internal static byte[] Hello(RawPeer peer)
    {
        // What the dialler sends first, caught on a connection of our own.
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        using var near = new Socket(SocketType.Stream, ProtocolType.Tcp);
        near.Connect(listener.LocalEndpoint);
        using var far = listener.AcceptSocket();
        var dialling = Task.Run(() => Handshake.Dial(new StreamSocket(near), peer.Party, peer.Token, 0));
        var hello = new byte[8 + 4 + 32 + 32 + RawPeer.RunId.Length];
        far.ReceiveAll(hello);
        far.Dispose();
        Assert.ThrowsAny<Exception>(() => dialling.GetAwaiter().GetResult());
        return hello;
    }

    internal static void AssertRejected(RawPeer peer, RejectReason reason) =>
        Assert.True(SpinWait.SpinUntil(() => peer.Hub.Counters.Rejected(reason) > 0, TimeSpan.FromMinutes(1)), $"nothing was turned away for {reason}");

    private static ScoresParcel Take(RawPeer peer, long sequence) =>
        peer.Mailbox.Take<ScoresParcel>(1, new ParcelKey(ParcelKind.Scores, sequence), TestContext.Current.CancellationToken);
}
