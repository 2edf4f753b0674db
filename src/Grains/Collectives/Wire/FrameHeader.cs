using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Lcnn.Distributed.Grains.Collectives.Wire;

/// <summary>What a frame is; part of the wire format.</summary>
internal enum FrameType : byte
{
    /// <summary>A piece of a parcel.</summary>
    Parcel = 1,
    /// <summary>Every parcel up to the sequence number has arrived.</summary>
    Acknowledgement = 2,
    /// <summary>The process has left the run; nothing follows.</summary>
    Goodbye = 3,
}

/// <summary>The fixed, little-endian head of every frame; the payload of a parcel's piece follows it.</summary>
/// <remarks>A parcel is its metadata and then its segments; no piece holds some of both, so that metadata is read only once checked.</remarks>
internal readonly record struct FrameHeader
{
    public const int Size = 88;

    public const byte Version = 2;

    /// <summary>In place of a rank: the parcel is for every rank of the process it goes to.</summary>
    public const int EveryRank = -1;

    private const uint Magic = 0x464E434C; // "LCNF"
    private const int ChecksumOffset = Size - sizeof(uint);

    public FrameType Type { get; init; }
    public ulong Run { get; init; }
    public int Generation { get; init; }
    public int FromRank { get; init; }
    public int ToRank { get; init; }
    public ParcelKey Key { get; init; }
    public long Sequence { get; init; }
    public int MetadataLength { get; init; }
    public long ParcelLength { get; init; }
    public long Offset { get; init; }
    public int PieceLength { get; init; }
    public uint PieceChecksum { get; init; }

    /// <summary>What stands for a run in frames: the first bytes of a hash of its id.</summary>
    public static ulong TagOf(string runId) => BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(runId)));

    /// <summary>Reads a header and checks that it is one.</summary>
    /// <exception cref="RejectedException">It is not.</exception>
    public static FrameHeader Read(ReadOnlySpan<byte> bytes)
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic)
        {
            throw new RejectedException(RejectReason.Magic, "a frame does not begin as one");
        }

        if (bytes[4] != Version)
        {
            throw new RejectedException(RejectReason.Version, $"a frame of version {bytes[4]}, expected {Version}");
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[ChecksumOffset..]) != Crc32C.Append(0, bytes[..ChecksumOffset]))
        {
            throw new RejectedException(RejectReason.HeaderChecksum, "the header of a frame has a wrong checksum");
        }

        return new FrameHeader
        {
            Type = (FrameType)bytes[5],
            Run = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
            Generation = BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]),
            FromRank = BinaryPrimitives.ReadInt32LittleEndian(bytes[20..]),
            ToRank = BinaryPrimitives.ReadInt32LittleEndian(bytes[24..]),
            Key = new ParcelKey(
                (ParcelKind)BinaryPrimitives.ReadInt32LittleEndian(bytes[28..]),
                BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]),
                BinaryPrimitives.ReadInt32LittleEndian(bytes[40..])),
            MetadataLength = BinaryPrimitives.ReadInt32LittleEndian(bytes[44..]),
            Sequence = BinaryPrimitives.ReadInt64LittleEndian(bytes[48..]),
            ParcelLength = BinaryPrimitives.ReadInt64LittleEndian(bytes[56..]),
            Offset = BinaryPrimitives.ReadInt64LittleEndian(bytes[64..]),
            PieceLength = BinaryPrimitives.ReadInt32LittleEndian(bytes[72..]),
            PieceChecksum = BinaryPrimitives.ReadUInt32LittleEndian(bytes[76..]),
        };
    }

    /// <summary>Writes the header with its checksum.</summary>
    public void Write(Span<byte> bytes)
    {
        bytes[..Size].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        bytes[4] = Version;
        bytes[5] = (byte)Type;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], Run);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[16..], Generation);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[20..], FromRank);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[24..], ToRank);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[28..], (int)Key.Kind);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], Key.Step);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[40..], Key.Part);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[44..], MetadataLength);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[48..], Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[56..], ParcelLength);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[64..], Offset);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[72..], PieceLength);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[76..], PieceChecksum);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[ChecksumOffset..], Crc32C.Append(0, bytes[..ChecksumOffset]));
    }
}
