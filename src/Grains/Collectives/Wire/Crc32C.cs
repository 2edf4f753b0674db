using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lcnn.Distributed.Grains.Collectives.Wire;

/// <summary>CRC-32C by the processor's instruction, three blocks at a time to hide its latency.</summary>
internal static class Crc32C
{
    private const int BlockBytes = 2048;

    private static readonly uint[] _shift = CreateShift();

    /// <summary>The checksum of what <paramref name="crc"/> covers and the bytes after it; begins with 0.</summary>
    /// <remarks>Optimised from the first call: the first steps of a run would otherwise wait for checksums.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        var state = ~crc;
        ref var start = ref MemoryMarshal.GetReference(bytes);
        nint position = 0;
        nint length = bytes.Length;
        for (; length - position >= 3 * BlockBytes; position += 3 * BlockBytes)
        {
            state = AppendThreeBlocks(state, ref Unsafe.Add(ref start, position));
        }

        for (; length - position >= sizeof(ulong); position += sizeof(ulong))
        {
            state = BitOperations.Crc32C(state, Word(ref start, position));
        }

        for (; position < length; position++)
        {
            state = BitOperations.Crc32C(state, Unsafe.Add(ref start, position));
        }

        return ~state;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static uint AppendThreeBlocks(uint state, ref byte start)
    {
        var (first, second, third) = (state, 0u, 0u);
        for (nint i = 0; i < BlockBytes; i += sizeof(ulong))
        {
            first = BitOperations.Crc32C(first, Word(ref start, i));
            second = BitOperations.Crc32C(second, Word(ref start, i + BlockBytes));
            third = BitOperations.Crc32C(third, Word(ref start, i + (2 * BlockBytes)));
        }

        return Shift(Shift(first) ^ second) ^ third;
    }

    private static ulong Word(ref byte start, nint offset) => Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, offset));

    // The state after a block of zeros: linear in the state, hence one table a byte.
    private static uint Shift(uint state) =>
        _shift[state & 0xff] ^ _shift[256 + ((state >> 8) & 0xff)] ^ _shift[512 + ((state >> 16) & 0xff)] ^ _shift[768 + (state >> 24)];

    private static uint[] CreateShift()
    {
        var table = new uint[4 * 256];
        for (var i = 0; i < table.Length; i++)
        {
            var state = (uint)(i & 0xff) << (8 * (i >> 8));
            for (var zeros = 0; zeros < BlockBytes; zeros += sizeof(ulong))
            {
                state = BitOperations.Crc32C(state, 0UL);
            }

            table[i] = state;
        }

        return table;
    }
}
