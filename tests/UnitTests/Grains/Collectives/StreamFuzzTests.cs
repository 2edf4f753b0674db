using System.Net.Sockets;
using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Grains.Collectives.Routing;
using Lcnn.Distributed.Grains.Collectives.Wire;
using Lcnn.Distributed.UnitTests.Training;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Grains.Collectives;

/// <summary>A hostile peer, half of the time one that holds the token: it costs its own connections and nothing else.</summary>
[Collection(nameof(TensorCount))]
public sealed class StreamFuzzTests
{
    private const int MaxMetadataBytes = 64 << 10;

    // A connection's own buffers, its threads and the handshake.
    private const int BytesOfAConnection = 192 << 10;

    private static readonly int _rounds = TestTier.IsLong ? 100_000 : 10_000;

    // These need a clock or a crowd, which another test has.
    private static readonly RejectReason[] _elsewhere = [RejectReason.TimedOut, RejectReason.TooMany, RejectReason.Certificate];

    [Fact]
    public void Fuzz_HandshakesAndFrames_AreTurnedAwayWithoutHarmToOthers()
    {
        var options = new TransportOptions { MaxMetadataBytes = MaxMetadataBytes, MaxParcelBytes = 1 << 20, DialledTimeout = TimeSpan.FromHours(10) };
        using var other = new TransportHub(Options.Create(options), TimeProvider.System, NullLogger<TransportHub>.Instance);
        using var peer = new RawPeer(options, null, other.Local);
        using var neighbour = new Neighbour(peer, other);
        var hello = StreamFrameTests.Hello(peer);
        var draws = new Random(20);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var (tensors, allocated) = (Tensor.TotalCount, GC.GetTotalAllocatedBytes());

        for (var round = 0; round < _rounds; round++)
        {
            if (round % 2 == 0)
            {
                AttackHandshake(peer, Mutate(hello, draws), draws);
            }
            else
            {
                AttackFrames(peer, draws);
            }
        }

        var perRound = (GC.GetTotalAllocatedBytes() - allocated) / _rounds;
        var reasons = Enum.GetValues<RejectReason>().Select(reason => $"{reason} {peer.Hub.Counters.Rejected(reason)}");
        TestContext.Current.TestOutputHelper?.WriteLine($"{_rounds} attacks, {perRound} bytes allocated on average; turned away: {string.Join(", ", reasons)}");
        Assert.True(perRound < MaxMetadataBytes + BytesOfAConnection, $"{perRound} bytes were allocated a connection");
        Assert.All(Enum.GetValues<RejectReason>().Except(_elsewhere), reason => StreamFrameTests.AssertRejected(peer, reason));
        neighbour.StopAndCheck();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.Equal(tensors, Tensor.TotalCount);
    }

    private static void AttackHandshake(RawPeer peer, byte[] hello, Random draws)
    {
        using var socket = peer.Dial();
        try
        {
            socket.SendAll(hello);
            if (draws.Next(4) == 0)
            {
                socket.SendAll(new byte[draws.Next(80)]);
            }
        }
        catch (SocketException)
        {
            // Turned away already.
        }

        RawPeer.Finish(socket);
    }

    private static void AttackFrames(RawPeer peer, Random draws)
    {
        var (socket, arrived) = peer.Greet();
        using var _ = socket;
        try
        {
            for (var frames = draws.Next(1, 4); frames > 0; frames--)
            {
                var (header, piece) = RawPeer.Frame(arrived + 1);
                socket.SendAll(draws.Next(3) == 0
                    ? Mutate(RawPeer.Bytes(header, piece), draws)
                    : MutateFields(header, piece, draws));
                arrived += draws.Next(8) == 0 ? 1 : 0;
            }
        }
        catch (SocketException)
        {
            // Turned away already.
        }

        RawPeer.Finish(socket);
    }

    // With right checksums, so that what is behind them is reached.
    private static byte[] MutateFields(FrameHeader header, byte[] piece, Random draws)
    {
        var odd = draws.Next(6) switch { 0 => int.MaxValue, 1 => int.MinValue, 2 => -1, 3 => 0, 4 => 1 << 20, _ => draws.Next(200) };
        header = draws.Next(15) switch
        {
            0 => header with { Type = (FrameType)draws.Next(256) },
            1 => header with { Generation = odd },
            2 => header with { FromRank = odd },
            3 => header with { ToRank = odd },
            4 => header with { Key = header.Key with { Kind = (ParcelKind)odd } },
            5 => header with { Sequence = odd },
            6 => header with { MetadataLength = odd },
            7 => header with { ParcelLength = odd },
            8 => header with { Offset = odd },
            9 => header with { PieceLength = odd },
            10 => header with { Type = FrameType.Acknowledgement, Sequence = odd },
            11 => header with { PieceChecksum = (uint)odd },
            12 => header with { Key = header.Key with { Kind = (ParcelKind)draws.Next(1, 7) } },
            13 => header with { ParcelLength = header.ParcelLength + 100, Offset = header.MetadataLength + draws.Next(50) },
            _ => header,
        };
        if (draws.Next(3) == 0)
        {
            piece = Mutate(piece, draws);
            header = header with { PieceChecksum = Crc32C.Append(0, piece) };
        }

        return RawPeer.Bytes(header, piece);
    }

    private static byte[] Mutate(byte[] bytes, Random draws)
    {
        var copy = (byte[])bytes.Clone();
        for (var changes = draws.Next(1, 4); changes > 0; changes--)
        {
            var at = draws.Next(4) == 0 ? draws.Next(Math.Min(8, copy.Length)) : draws.Next(copy.Length);
            copy[at] = draws.Next(3) == 0 ? (byte)(copy[at] ^ (1 << draws.Next(8))) : (byte)draws.Next(256);
        }

        return draws.Next(10) == 0 ? copy[..draws.Next(1, copy.Length)] : copy;
    }

    /// <summary>Rank 2 in a process of its own: it and rank 0 go on exchanging parcels.</summary>
    private sealed class Neighbour : IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task<int>[] _sides;
        private readonly TransportHub _other;

        public Neighbour(RawPeer peer, TransportHub other)
        {
            _other = other;
            var mailbox = other.Open(RawPeer.RunId, 1, 2);
            var (here, there) = (peer.Connect(), other.Connect(RawPeer.RunId, 1, 2, "auto", peer.Peers, _ => new FakeRelay(_ => Task.CompletedTask)));
            _sides = [Start(here, peer.Mailbox, 0, 2), Start(there, mailbox, 2, 0)];
        }

        public void StopAndCheck()
        {
            _stop.Cancel();
            Assert.All(_sides, side => Assert.True(side.GetAwaiter().GetResult() > 0));
            Assert.Equal((0, 0), (_other.Counters.Fallbacks, Enum.GetValues<RejectReason>().Sum(_other.Counters.Rejected)));
        }

        public void Dispose() => _stop.Dispose();

        private Task<int> Start(ITransport transport, Mailbox mailbox, int rank, int other) => Task.Factory.StartNew(
            () =>
            {
                var step = 0;
                for (; !_stop.IsCancellationRequested; step++)
                {
                    var key = new ParcelKey(ParcelKind.Curvature, step);
                    transport.Send(rank, other, key, new CurvatureParcel([]), CancellationToken.None);
                    try
                    {
                        mailbox.Take<CurvatureParcel>(other, key, _stop.Token);
                    }
                    catch (OperationCanceledException)
                    {
                        break;
                    }
                }

                return step;
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }
}
