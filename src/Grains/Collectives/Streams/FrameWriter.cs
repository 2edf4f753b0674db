using Lcnn.Distributed.Data.Wire;
using Lcnn.Distributed.Grains.Collectives.Links;
using Lcnn.Distributed.Grains.Collectives.Wire;

namespace Lcnn.Distributed.Grains.Collectives.Streams;

/// <summary>Writes frames to a socket: small things together from a pinned buffer, large ones straight from tensor memory.</summary>
internal sealed class FrameWriter(StreamSocket socket, ulong run, int generation)
{
    private const int BufferBytes = 64 << 10;
    private const int DirectBytes = 16 << 10;

    // Smaller than allowed: the piece is still in the cache when it is sent after its checksum.
    private const int PieceBytes = 256 << 10;

    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferBytes, pinned: true);
    private readonly WireWriter _wire = new();
    private int _buffered;

    /// <summary>Writes a parcel; what arrived meanwhile is acknowledged between its pieces.</summary>
    public void WriteParcel(OutgoingParcel parcel, Outbox outbox)
    {
        ParcelCodec.Write(parcel.Parcel!, _wire);
        var header = new FrameHeader
        {
            Type = FrameType.Parcel,
            Run = run,
            Generation = generation,
            FromRank = parcel.FromRank,
            ToRank = parcel.ToRank,
            Key = parcel.Key,
            Sequence = parcel.Sequence,
            MetadataLength = _wire.Metadata.Length,
            ParcelLength = _wire.Metadata.Length + _wire.SegmentLength,
        };
        for (var offset = 0; offset < header.MetadataLength; offset += TransportOptions.PieceBytes)
        {
            var piece = _wire.Metadata.Span.Slice(offset, Math.Min(TransportOptions.PieceBytes, header.MetadataLength - offset));
            WriteHeader(header with { Offset = offset, PieceLength = piece.Length, PieceChecksum = Crc32C.Append(0, piece) });
            Write(piece);
        }

        for (var cursor = new SegmentCursor(_wire.Segments); cursor.Position < _wire.SegmentLength;)
        {
            var length = (int)Math.Min(PieceBytes, _wire.SegmentLength - cursor.Position);
            WriteHeader(header with
            {
                Offset = header.MetadataLength + cursor.Position,
                PieceLength = length,
                PieceChecksum = Checksum(cursor, length),
            });
            for (var left = length; left > 0;)
            {
                var bytes = cursor.Take(left);
                Write(bytes);
                left -= bytes.Length;
            }

            if (outbox.TryTakeArrived(out var arrived))
            {
                WriteAcknowledgement(arrived);
            }
        }

        _wire.Clear();
    }

    /// <summary>Writes that all parcels up to a number are here.</summary>
    public void WriteAcknowledgement(long arrived) => WriteHeader(
        new FrameHeader { Type = FrameType.Acknowledgement, Run = run, Generation = generation, Sequence = arrived });

    /// <summary>Writes that nothing follows.</summary>
    public void WriteGoodbye() => WriteHeader(new FrameHeader { Type = FrameType.Goodbye, Run = run, Generation = generation });

    /// <summary>Sends what is buffered.</summary>
    public void Flush()
    {
        socket.SendAll(_buffer.AsSpan(0, _buffered));
        _buffered = 0;
    }

    private static uint Checksum(SegmentCursor cursor, int length)
    {
        var checksum = 0u;
        while (length > 0)
        {
            var bytes = cursor.Take(length);
            checksum = Crc32C.Append(checksum, bytes);
            length -= bytes.Length;
        }

        return checksum;
    }

    private void WriteHeader(in FrameHeader header)
    {
        if (BufferBytes - _buffered < FrameHeader.Size)
        {
            Flush();
        }

        header.Write(_buffer.AsSpan(_buffered));
        _buffered += FrameHeader.Size;
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        // What fits goes with the header before it, so that no packet holds a header alone.
        var fitting = Math.Min(bytes.Length, bytes.Length <= DirectBytes ? BufferBytes - _buffered : Math.Min(DirectBytes, BufferBytes - _buffered));
        bytes[..fitting].CopyTo(_buffer.AsSpan(_buffered));
        _buffered += fitting;
        if (fitting < bytes.Length)
        {
            Flush();
            socket.SendAll(bytes[fitting..]);
        }
    }
}
