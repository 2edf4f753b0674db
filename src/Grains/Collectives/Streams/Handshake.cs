using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Lcnn.Distributed.Grains.Collectives.Wire;

namespace Lcnn.Distributed.Grains.Collectives.Streams;

/// <summary>How two processes make sure of each other: both prove that they hold the run's token, which never travels.</summary>
/// <remarks>
/// Dialler: hello (run, generation, both processes, random number). Dialled: its own random number and a keyed hash of both. Dialler: a
/// keyed hash of all that and the number of the last parcel it has. Dialled: likewise. Each hash begins with its own letter, so that none
/// can be sent back as another. All sizes are fixed but the run id's, which is bounded.
/// </remarks>
internal static class Handshake
{
    public const ushort Version = 1;

    private const uint Magic = 0x484E434C; // "LCNH"
    private const int PrefixBytes = 8;
    private const int MaxRunIdBytes = 256;
    private const int NonceBytes = 32;
    private const int HashBytes = HMACSHA256.HashSizeInBytes;
    private const int FixedBytes = sizeof(int) + (2 * 16) + NonceBytes;

    /// <summary>The dialler's side.</summary>
    /// <returns>The last parcel that the other side has.</returns>
    /// <exception cref="RejectedException">The other side is not who it should be.</exception>
    public static long Dial(StreamSocket socket, HandshakeParty party, byte[] token, long arrived)
    {
        var hello = CreateHello(party);
        socket.SendAll(hello);
        var challenge = new byte[NonceBytes + HashBytes];
        socket.ReceiveAll(challenge);
        byte[] transcript = [.. hello, .. challenge.AsSpan(0, NonceBytes)];
        Check(challenge.AsSpan(NonceBytes), Hash(token, 'A', transcript, 0));

        var proof = new byte[sizeof(long) + HashBytes];
        BinaryPrimitives.WriteInt64LittleEndian(proof, arrived);
        Hash(token, 'D', transcript, arrived).CopyTo(proof.AsSpan(sizeof(long)));
        socket.SendAll(proof);
        return ReceiveArrived(socket, token, 'W', transcript);
    }

    /// <summary>The dialled side: reads who wants what.</summary>
    public static (HandshakeParty Party, byte[] Hello) ReceiveHello(StreamSocket socket)
    {
        var prefix = new byte[PrefixBytes];
        socket.ReceiveAll(prefix);
        if (BinaryPrimitives.ReadUInt32LittleEndian(prefix) != Magic)
        {
            throw new RejectedException(RejectReason.Magic, "a handshake does not begin as one");
        }

        var version = BinaryPrimitives.ReadUInt16LittleEndian(prefix.AsSpan(4));
        if (version != Version)
        {
            throw new RejectedException(RejectReason.Version, $"a handshake of version {version}, expected {Version}");
        }

        int length = BinaryPrimitives.ReadUInt16LittleEndian(prefix.AsSpan(6));
        if (length is <= FixedBytes or > FixedBytes + MaxRunIdBytes)
        {
            throw new RejectedException(RejectReason.Size, $"a handshake of {length} bytes");
        }

        var body = new byte[length];
        socket.ReceiveAll(body);
        var party = new HandshakeParty(
            Encoding.UTF8.GetString(body.AsSpan(FixedBytes)),
            BinaryPrimitives.ReadInt32LittleEndian(body),
            new Guid(body.AsSpan(4, 16)),
            new Guid(body.AsSpan(20, 16)));
        return (party, [.. prefix, .. body]);
    }

    /// <summary>The dialled side: proof against proof.</summary>
    /// <returns>The last parcel that the other side has.</returns>
    /// <exception cref="RejectedException">The other side does not know the token.</exception>
    public static long Answer(StreamSocket socket, byte[] hello, byte[] token, long arrived)
    {
        byte[] transcript = [.. hello, .. RandomNumberGenerator.GetBytes(NonceBytes)];
        socket.SendAll([.. transcript.AsSpan(hello.Length), .. Hash(token, 'A', transcript, 0)]);
        var arrivedThere = ReceiveArrived(socket, token, 'D', transcript);

        var welcome = new byte[sizeof(long) + HashBytes];
        BinaryPrimitives.WriteInt64LittleEndian(welcome, arrived);
        Hash(token, 'W', transcript, arrived).CopyTo(welcome.AsSpan(sizeof(long)));
        socket.SendAll(welcome);
        return arrivedThere;
    }

    private static byte[] CreateHello(HandshakeParty party)
    {
        var length = FixedBytes + Encoding.UTF8.GetByteCount(party.RunId);
        var hello = new byte[PrefixBytes + length];
        BinaryPrimitives.WriteUInt32LittleEndian(hello, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(hello.AsSpan(4), Version);
        BinaryPrimitives.WriteUInt16LittleEndian(hello.AsSpan(6), (ushort)length);
        var body = hello.AsSpan(PrefixBytes);
        BinaryPrimitives.WriteInt32LittleEndian(body, party.Generation);
        party.Dialler.TryWriteBytes(body[4..]);
        party.Dialled.TryWriteBytes(body[20..]);
        RandomNumberGenerator.Fill(body.Slice(36, NonceBytes));
        Encoding.UTF8.GetBytes(party.RunId, body[FixedBytes..]);
        return hello;
    }

    private static long ReceiveArrived(StreamSocket socket, byte[] token, char letter, byte[] transcript)
    {
        var proof = new byte[sizeof(long) + HashBytes];
        socket.ReceiveAll(proof);
        var arrived = BinaryPrimitives.ReadInt64LittleEndian(proof);
        Check(proof.AsSpan(sizeof(long)), Hash(token, letter, transcript, arrived));
        return arrived;
    }

    private static byte[] Hash(byte[] token, char letter, byte[] transcript, long arrived)
    {
        var message = new byte[1 + sizeof(long) + transcript.Length];
        message[0] = (byte)letter;
        BinaryPrimitives.WriteInt64LittleEndian(message.AsSpan(1), arrived);
        transcript.CopyTo(message.AsSpan(1 + sizeof(long)));
        return HMACSHA256.HashData(token, message);
    }

    private static void Check(ReadOnlySpan<byte> given, ReadOnlySpan<byte> expected)
    {
        if (!CryptographicOperations.FixedTimeEquals(given, expected))
        {
            throw new RejectedException(RejectReason.Proof, "the other side does not hold the run's token");
        }
    }
}
