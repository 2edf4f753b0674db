using Lcnn.Distributed.Grains.Collectives.Wire;

namespace Lcnn.Distributed.Grains.Collectives.Relays;

/// <summary>Puts parcels together from the blocks of one process, which may come in any order within a window, and more than once.</summary>
internal sealed class RelayReceiver(RunTransport run, Inbound inbound, TransportServices services)
{
    /// <summary>Blocks under way at the same time, and thus the most that can be early.</summary>
    public const int Window = 4;

    private readonly Lock _gate = new();
    private readonly Dictionary<long, byte[]> _early = [];
    private readonly ParcelAssembly _assembly = new(services.Options);
    private long _sequence;
    private long _offset;

    /// <summary>Takes a piece; one that is early waits for those before it, one that came before is dropped.</summary>
    /// <exception cref="RejectedException">It cannot be part of the parcel that follows.</exception>
    public void Receive(Guid fromProcess, in FrameHeader header, ReadOnlySpan<byte> piece)
    {
        lock (_gate)
        {
            if (!inbound.IsNext(header))
            {
                return;
            }

            run.CheckRanks(fromProcess, header);
            if (header.Sequence != _sequence)
            {
                Abandon();
                (_sequence, _offset) = (header.Sequence, 0);
            }

            if (header.Offset > _offset && _early.Count < Window)
            {
                _early.TryAdd(header.Offset, piece.ToArray());
                return;
            }

            if (header.Offset >= _offset)
            {
                Add(header, piece);
                while (_early.Remove(_offset, out var early))
                {
                    Add(header with { Offset = _offset, PieceLength = early.Length }, early);
                }
            }
        }
    }

    /// <summary>Forgets what has come of a parcel.</summary>
    public void Abandon()
    {
        lock (_gate)
        {
            _assembly.Abandon();
            _early.Clear();
            (_sequence, _offset) = (0, 0);
        }
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
        catch (RejectedException)
        {
            Abandon();
            throw;
        }
    }
}
