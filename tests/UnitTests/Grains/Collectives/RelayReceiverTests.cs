using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Grains.Collectives.Links;
using Lcnn.Distributed.Grains.Collectives.Relays;
using Lcnn.Distributed.Grains.Collectives.Wire;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lcnn.Distributed.UnitTests.Grains.Collectives;

public sealed class RelayReceiverTests
{
    private const int Pieces = 10;
    private const int PieceBytes = 100;

    private static readonly ParcelKey _key = new(ParcelKind.State, 0);

    [Fact]
    public void Receive_PiecesInAnyOrderWithinTheWindow_DeliversTheParcelOnce()
    {
        using var world = new Processes(2);
        var channel = world.BeginAll("grain")[0];
        var blocks = Blocks(world);

        foreach (var index in (int[])[2, 1, 3, 2, 0, 0, 5, 4, 8, 7, 6, 10, 9, 9, 10])
        {
            world.HubOf(0).Receive(blocks[index]);
        }

        Assert.Equal(Data(), channel.Receive<StateParcel>(1, _key).Model[0].Data.ToArray());
    }

    [Fact]
    public void Receive_PieceTooFarAhead_IsRefusedAndLosesNothing()
    {
        using var world = new Processes(2);
        var channel = world.BeginAll("grain")[0];
        var blocks = Blocks(world);
        foreach (var index in (int[])[1, 2, 3])
        {
            world.HubOf(0).Receive(blocks[index]);
        }

        var refusal = Assert.Throws<RejectedException>(() => world.HubOf(0).Receive(blocks[4]));
        foreach (var block in (byte[][])[blocks[0], .. blocks[4..]])
        {
            world.HubOf(0).Receive(block);
        }

        Assert.Equal(RejectReason.Offset, refusal.Reason);
        Assert.Equal(Data(), channel.Receive<StateParcel>(1, _key).Model[0].Data.ToArray());
    }

    // Its first blocks were acknowledged and are gone: a sender that heard nothing but success would wait for ever.
    [Fact]
    public void Receive_ParcelThatCannotBeReadHasBegun_RefusesEveryOtherPieceOfItToo()
    {
        using var world = new Processes(2);
        world.BeginAll("grain");
        var blocks = Blocks(world, metadata => Array.Fill(metadata, byte.MaxValue));

        var reasons = blocks.Append(blocks[0])
            .Select(block => Assert.Throws<RejectedException>(() => world.HubOf(0).Receive(block)).Reason).ToList();

        Assert.All(reasons, reason => Assert.Equal(RejectReason.Content, reason));
        Assert.Equal(blocks.Count + 1, world.HubOf(0).Counters.Rejected(RejectReason.Content));
    }

    // Its sender is told that all is well: nobody here takes anything any more, and it needs no reason to give this process up.
    [Fact]
    public void Receive_AfterItWasClosedAmidAParcel_DropsTheRestAndTheNext()
    {
        var counters = new TransportCounters();
        var services = new TransportServices(new TransportOptions(), TimeProvider.System, counters, NullLogger.Instance);
        var receiver = new RelayReceiver(new Inbound(new Mailboxes(), counters), (in FrameHeader _) => { }, services);
        using var world = new Processes(2);
        var blocks = Blocks(world).Select(block => (RelayBlock.Read(block).Header, Piece: block[RelayBlock.HeadBytes..])).ToList();
        receiver.Receive(blocks[0].Header, blocks[0].Piece);

        receiver.Close();

        blocks.ForEach(block => receiver.Receive(block.Header, block.Piece));
        receiver.Receive(blocks[0].Header with { Sequence = 2 }, blocks[0].Piece);
    }

    [Fact]
    public void Receive_MutatedBlocks_GiveErrorsAndNothingElse()
    {
        using var world = new Processes(2);
        world.BeginAll("grain");
        var draws = new Random(11);
        var refused = 0;
        for (var attack = 0; attack < 10_000; attack++)
        {
            var blocks = Blocks(world);
            var block = blocks[draws.Next(blocks.Count)];
            block = draws.Next(4) == 0 ? block[..draws.Next(block.Length)] : block;
            for (var flips = draws.Next(1, 4); block.Length > 0 && flips > 0; flips--)
            {
                block[draws.Next(block.Length)] ^= (byte)(1 << draws.Next(8));
            }

            try
            {
                world.HubOf(0).Receive(block);
            }
            catch (RejectedException)
            {
                refused++;
            }
        }

        Assert.Equal(refused, Enum.GetValues<RejectReason>().Sum(reason => world.HubOf(0).Counters.Rejected(reason)));
        Assert.InRange(refused, 9_000, 10_000); // the ids of the processes have no checksum: a few flips change who it is from, and no more
    }

    private static byte[] Data()
    {
        var data = new byte[Pieces * PieceBytes];
        new Random(5).NextBytes(data);
        return data;
    }

    // From rank 1 to rank 0: metadata first.
    private static List<byte[]> Blocks(Processes world, Action<byte[]>? spoil = null)
    {
        var (metadata, segments) = Wired.ToBytes(new StateParcel([new SafeTensor("a", ElementType.U8, [Pieces * PieceBytes], Data())], []));
        spoil?.Invoke(metadata);
        var header = new FrameHeader
        {
            Type = FrameType.Parcel,
            Run = FrameHeader.TagOf(Processes.RunId),
            Generation = 1,
            FromRank = 1,
            ToRank = 0,
            Key = _key,
            Sequence = 1,
            MetadataLength = metadata.Length,
            ParcelLength = metadata.Length + segments.Length,
        };
        return
        [
            Block(world, header, metadata),
            .. segments.Chunk(PieceBytes).Select((piece, index) => Block(world, header with { Offset = metadata.Length + (index * PieceBytes) }, piece)),
        ];
    }

    private static byte[] Block(Processes world, FrameHeader header, byte[] piece)
    {
        var block = new byte[RelayBlock.HeadBytes + piece.Length];
        RelayBlock.WriteHead(
            block, Guid.Parse(world.Addresses[1].Process), Guid.Parse(world.Addresses[0].Process),
            header with { PieceLength = piece.Length, PieceChecksum = Crc32C.Append(0, piece) });
        piece.CopyTo(block, RelayBlock.HeadBytes);
        return block;
    }
}
