using Lcnn.Distributed.Data.Wire;

namespace Lcnn.Distributed.Grains.Collectives.Wire;

/// <summary>Puts one parcel at a time together from its pieces, which are received straight into their final place.</summary>
/// <remarks>Per piece: <see cref="Begin"/>, fill what <see cref="Next"/> gives until the piece is there, check it, <see cref="End"/>.</remarks>
internal sealed class ParcelAssembly(TransportOptions options)
{
    private readonly WireReader _reader = new();
    private byte[] _metadata = [];
    private FrameHeader _first;
    private Parcel? _parcel;
    private bool _isActive;
    private long _filled;
    private int _target;
    private int _targetFilled;

    /// <summary>Whether a parcel has begun.</summary>
    public bool IsActive => _isActive;

    /// <summary>Checks that a piece is the one that follows; the first one makes room for metadata.</summary>
    /// <exception cref="RejectedException">It is not.</exception>
    public void Begin(in FrameHeader header)
    {
        CheckLengths(header);
        if (!_isActive)
        {
            if (!ParcelCodec.Knows(header.Key.Kind))
            {
                throw new RejectedException(RejectReason.Kind, $"a parcel of kind {(int)header.Key.Kind}");
            }

            if (_metadata.Length < header.MetadataLength)
            {
                _metadata = GC.AllocateUninitializedArray<byte>(header.MetadataLength);
            }

            (_first, _isActive, _filled, _target, _targetFilled) = (header, true, 0, 0, 0);
        }

        var expected = _first with { Offset = _filled, PieceLength = header.PieceLength, PieceChecksum = header.PieceChecksum };
        if (header != expected)
        {
            throw new RejectedException(RejectReason.Offset, $"{header.Key}: the piece at {header.Offset}, expected that at {_filled}");
        }
    }

    /// <summary>The place of the next bytes, at most so many.</summary>
    public Span<byte> Next(int count)
    {
        if (_filled < _first.MetadataLength)
        {
            return _metadata.AsSpan((int)_filled, Math.Min(count, _first.MetadataLength - (int)_filled));
        }

        while (_reader.Targets[_target].Length == _targetFilled)
        {
            (_target, _targetFilled) = (_target + 1, 0);
        }

        var target = _reader.Targets[_target].Span[_targetFilled..];
        return target[..Math.Min(count, target.Length)];
    }

    /// <summary>So many bytes are in place.</summary>
    public void Advance(int count)
    {
        _targetFilled += _filled < _first.MetadataLength ? 0 : count;
        _filled += count;
    }

    /// <summary>The piece is there and right.</summary>
    /// <returns>The parcel when it is whole.</returns>
    /// <exception cref="RejectedException">It is not what its kind says.</exception>
    public Parcel? End()
    {
        if (_parcel is null && _filled == _first.MetadataLength)
        {
            ReadMetadata();
        }

        if (_filled < _first.ParcelLength)
        {
            return null;
        }

        var parcel = _parcel;
        _reader.Complete();
        (_parcel, _isActive) = (null, false);
        return parcel;
    }

    /// <summary>Forgets what has come of a parcel.</summary>
    public void Abandon()
    {
        _reader.Abandon();
        (_parcel, _isActive) = (null, false);
    }

    private void ReadMetadata()
    {
        try
        {
            _reader.Begin(_metadata.AsMemory(0, _first.MetadataLength), _first.ParcelLength - _first.MetadataLength);
            _parcel = ParcelCodec.Read(_first.Key.Kind, _reader);
        }
        catch (WireFormatException exception)
        {
            throw new RejectedException(RejectReason.Content, $"{_first.Key}: {exception.Message}");
        }
    }

    private void CheckLengths(in FrameHeader header)
    {
        var end = header.Offset < header.MetadataLength ? header.MetadataLength : header.ParcelLength;
        if (header.MetadataLength < 1 || header.MetadataLength > options.MaxMetadataBytes
            || header.ParcelLength < header.MetadataLength || header.ParcelLength > options.MaxParcelBytes
            || header.PieceLength < 1 || header.PieceLength > TransportOptions.PieceBytes
            || header.Offset < 0 || header.PieceLength > end - header.Offset)
        {
            throw new RejectedException(
                RejectReason.Length,
                $"{header.Key}: {header.PieceLength} bytes at {header.Offset} of {header.ParcelLength}, {header.MetadataLength} of them metadata");
        }
    }
}
