using Lcnn.Distributed.Grains.Collectives.Links;
using Lcnn.Distributed.Grains.Collectives.Wire;

namespace Lcnn.Distributed.Grains.Collectives.Relays;

/// <summary>Puts parcels together from the blocks of one process, which may come in any order within a window, and more than once.</summary>
internal sealed class RelayReceiver(Inbound inbound, RankCheck checkRanks, TransportServices services)
{
    /// <summary>Blocks under way at the same time: fewer than so many can be early.</summary>
    public const int Window = 4;

    private readonly Lock _gate = new();
    private readonly Dictionary<long, byte[]> _early = [];
    private readonly ParcelAssembly _assembly = new(services.Options);
    private RejectedException? _refusal; // of the whole parcel: some of its blocks were acknowledged and are gone
    private long _sequence;
    private long _offset;
    private bool _isClosed;

    /// <summary>Takes a piece; one that is early waits for those before it, one that came before is dropped.</summary>
    /// <exception cref="RejectedException">It, or a piece before it, cannot be part of the parcel that follows.</exception>
    public void Receive(in FrameHeader header, ReadOnlySpan<byte> piece)
    {
        lock (_gate)
        {
            if (_isClosed || !inbound.IsNext(header))
            {
                return;
            }

            checkRanks(header);
            if (header.Sequence != _sequence)
            {
                Abandon();
                (_sequence, _offset) = (header.Sequence, 0);
            }

            if (_refusal is not null)
            {
                throw _refusal;
            }

            if (header.Offset > _offset)
            {
                Keep(header, piece);
            }
            else if (header.Offset == _offset)
            {
                Add(header, piece);
                while (_early.Remove(_offset, out var early))
                {
                    Add(header with { Offset = _offset, PieceLength = early.Length }, early);
                }
            }
        }
    }

    /// <summary>Forgets what has come of a parcel; what comes later is dropped.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            Abandon();
        }
    }

    private void Abandon()
    {
        _assembly.Abandon();
        _early.Clear();
        (_sequence, _offset, _refusal) = (0, 0, null);
    }

    private void Keep(in FrameHeader header, ReadOnlySpan<byte> piece)
    {
        if (_early.ContainsKey(header.Offset))
        {
            return;
        }

        if (_early.Count == Window - 1)
        {
            throw new RejectedException(RejectReason.Offset, $"{header.Key}: the piece at {header.Offset} came {Window} or more before that at {_offset}");
        }

        _early.Add(header.Offset, piece.ToArray());
    }

    private void Add(in FrameHeader header, ReadOnlySpan<byte> piece)
    {
        try
        {
            // The checksum is the block's and has been checked; the assembly wants equal headers but for place and length.
            _assembly.Begin(header);
            while (piece.Length > 0)
            {
                var place = _assembly.Next(piece.Length);
                piece[..place.Length].CopyTo(place);
                _assembly.Advance(place.Length);
                piece = piece[place.Length..];
            }

            _offset += header.PieceLength;
            if (_assembly.End() is { } parcel)
            {
                inbound.Accept(header, parcel);
            }
        }
        catch (Exception exception)
        {
            Abandon();
            _sequence = header.Sequence;
            _refusal = exception as RejectedException ?? new RejectedException(RejectReason.Content, $"{header.Key}: {exception.Message}");
            throw _refusal;
        }
    }
}
