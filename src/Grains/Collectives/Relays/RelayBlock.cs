using Lcnn.Distributed.Grains.Collectives.Wire;

namespace Lcnn.Distributed.Grains.Collectives.Relays;

/// <summary>What goes through a grain in one call: both processes, a frame's header and its piece, at most 1 MiB together.</summary>
internal static class RelayBlock
{
    /// <summary>Bytes before the piece.</summary>
    public const int HeadBytes = (2 * 16) + FrameHeader.Size;

    /// <summary>Largest piece.</summary>
    public const int PieceBytes = TransportOptions.PieceBytes - HeadBytes;

    /// <summary>Writes all but the piece.</summary>
    public static void WriteHead(Span<byte> block, Guid from, Guid to, in FrameHeader header)
    {
        from.TryWriteBytes(block);
        to.TryWriteBytes(block[16..]);
        header.Write(block[32..]);
    }

    /// <summary>A block that says no more than that its sender uses grains now.</summary>
    public static byte[] CreateNotice(Guid from, Guid to, string runId, int generation)
    {
        var block = new byte[HeadBytes];
        WriteHead(block, from, to, new FrameHeader { Type = FrameType.Acknowledgement, Run = FrameHeader.TagOf(runId), Generation = generation });
        return block;
    }

    /// <summary>Reads a block and checks that it is whole.</summary>
    /// <exception cref="RejectedException">It is not.</exception>
    public static (Guid From, Guid To, FrameHeader Header) Read(ReadOnlySpan<byte> block)
    {
        if (block.Length is < HeadBytes or > TransportOptions.PieceBytes)
        {
            throw new RejectedException(RejectReason.Size, $"a block of {block.Length} bytes");
        }

        var header = FrameHeader.Read(block[32..]);
        if (header.Type is not (FrameType.Parcel or FrameType.Acknowledgement))
        {
            throw new RejectedException(RejectReason.FrameType, $"a block of type {(byte)header.Type}");
        }

        if (header.PieceLength != block.Length - HeadBytes)
        {
            throw new RejectedException(RejectReason.Length, $"a block with a piece of {header.PieceLength} bytes, {block.Length - HeadBytes} are there");
        }

        return Crc32C.Append(0, block[HeadBytes..]) == header.PieceChecksum
            ? (new Guid(block[..16]), new Guid(block[16..32]), header)
            : throw new RejectedException(RejectReason.PayloadChecksum, $"{header.Key}: the piece at {header.Offset} has a wrong checksum");
    }
}
