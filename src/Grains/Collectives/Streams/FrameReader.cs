using Lcnn.Distributed.Grains.Collectives.Wire;

namespace Lcnn.Distributed.Grains.Collectives.Streams;

/// <summary>Reads frames from a socket: headers through a small pinned buffer, payload straight to its final place.</summary>
internal sealed class FrameReader(StreamSocket socket)
{
    private const int BufferBytes = 16 << 10;

    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferBytes, pinned: true);
    private int _start;
    private int _end;

    /// <summary>Waits for the next header.</summary>
    public FrameHeader ReadHeader()
    {
        if (_end - _start < FrameHeader.Size)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
            while (_end < FrameHeader.Size)
            {
                _end += socket.Receive(_buffer.AsSpan(_end));
            }
        }

        var header = FrameHeader.Read(_buffer.AsSpan(_start));
        _start += FrameHeader.Size;
        return header;
    }

    /// <summary>Receives a piece into place and checks it.</summary>
    public void ReadPiece(in FrameHeader header, ParcelAssembly assembly)
    {
        var checksum = 0u;
        for (var left = header.PieceLength; left > 0;)
        {
            var place = assembly.Next(left);
            var count = Read(place);
            checksum = Crc32C.Append(checksum, place[..count]);
            assembly.Advance(count);
            left -= count;
        }

        if (checksum != header.PieceChecksum)
        {
            throw new RejectedException(RejectReason.PayloadChecksum, $"{header.Key}: the piece at {header.Offset} has a wrong checksum");
        }
    }

    /// <summary>Reads a piece that nobody wants.</summary>
    public void SkipPiece(in FrameHeader header)
    {
        if (header.PieceLength is < 0 or > TransportOptions.PieceBytes)
        {
            throw new RejectedException(RejectReason.Length, $"a piece of {header.PieceLength} bytes");
        }

        for (var left = header.PieceLength; left > 0;)
        {
            if (_start == _end)
            {
                (_start, _end) = (0, socket.Receive(_buffer));
            }

            var count = Math.Min(left, _end - _start);
            _start += count;
            left -= count;
        }
    }

    // In one go as far as it goes, so that the checksum finds the bytes in the cache.
    private int Read(Span<byte> place)
    {
        if (_start < _end)
        {
            var count = Math.Min(place.Length, _end - _start);
            _buffer.AsSpan(_start, count).CopyTo(place);
            _start += count;
            return count;
        }

        return socket.Receive(place);
    }
}
