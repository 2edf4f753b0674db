using System.Buffers.Binary;

namespace Lcnn.Distributed.Data.Checkpoints;

/// <summary>Values of one element type as those of a wider one that holds each of them exactly.</summary>
internal static class Widening
{
    private static readonly float[] _e4m3 = Table(code => (code & 0x7F) == 0x7F ? float.NaN : SmallFloat(code, mantissaBits: 3, bias: 7));
    private static readonly float[] _e4m3Fnuz = Table(code => code == 0x80 ? float.NaN : SmallFloat(code, mantissaBits: 3, bias: 8));
    private static readonly float[] _e5m2Fnuz = Table(code => code == 0x80 ? float.NaN : SmallFloat(code, mantissaBits: 2, bias: 16));
    private static readonly float[] _e8m0 = Table(code => code == 0xFF ? float.NaN : MathF.ScaleB(1, code - 127));

    /// <summary>Whether <paramref name="to"/> holds every value of <paramref name="from"/>.</summary>
    public static bool IsExact(ElementType from, ElementType to) => from == to || to switch
    {
        ElementType.F32 => IsNarrowFloat(from),
        ElementType.F64 => from is ElementType.F32 || IsNarrowFloat(from),
        ElementType.I64 => from is ElementType.I8 or ElementType.I16 or ElementType.I32 or ElementType.U8 or ElementType.U16 or ElementType.U32,
        _ => false,
    };

    /// <summary>A tensor's elements as little-endian values of a type that <see cref="IsExact"/> allows.</summary>
    public static ReadOnlySpan<byte> Read(SafeTensor tensor, ElementType to)
    {
        var given = tensor.Data.Span;
        var type = tensor.DType;
        if (type == to)
        {
            return given;
        }

        var (size, wideSize) = (type.BitCount() / 8, to.BitCount() / 8);
        var wide = new byte[given.Length / size * wideSize];
        for (var i = 0; i < given.Length / size; i++)
        {
            var value = given.Slice(i * size, size);
            var target = wide.AsSpan(i * wideSize);
            switch (to)
            {
                case ElementType.I64:
                    BinaryPrimitives.WriteInt64LittleEndian(target, Whole(type, value));
                    break;
                case ElementType.F64:
                    BinaryPrimitives.WriteDoubleLittleEndian(target, Single(type, value));
                    break;
                default:
                    BinaryPrimitives.WriteSingleLittleEndian(target, Single(type, value));
                    break;
            }
        }

        return wide;
    }

    private static bool IsNarrowFloat(ElementType type) => type is ElementType.F16 or ElementType.BF16 or ElementType.F8_E5M2
        or ElementType.F8_E4M3 or ElementType.F8_E8M0 or ElementType.F8_E4M3FNUZ or ElementType.F8_E5M2FNUZ;

    private static float Single(ElementType type, ReadOnlySpan<byte> value) => type switch
    {
        ElementType.F32 => BinaryPrimitives.ReadSingleLittleEndian(value),
        ElementType.F16 => (float)BinaryPrimitives.ReadHalfLittleEndian(value),
        ElementType.BF16 => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(value) << 16),
        ElementType.F8_E5M2 => (float)BitConverter.UInt16BitsToHalf((ushort)(value[0] << 8)),
        ElementType.F8_E4M3 => _e4m3[value[0]],
        ElementType.F8_E4M3FNUZ => _e4m3Fnuz[value[0]],
        ElementType.F8_E5M2FNUZ => _e5m2Fnuz[value[0]],
        _ => _e8m0[value[0]],
    };

    private static long Whole(ElementType type, ReadOnlySpan<byte> value) => type switch
    {
        ElementType.I8 => (sbyte)value[0],
        ElementType.I16 => BinaryPrimitives.ReadInt16LittleEndian(value),
        ElementType.I32 => BinaryPrimitives.ReadInt32LittleEndian(value),
        ElementType.U8 => value[0],
        ElementType.U16 => BinaryPrimitives.ReadUInt16LittleEndian(value),
        _ => BinaryPrimitives.ReadUInt32LittleEndian(value),
    };

    private static float[] Table(Func<int, float> valueOf) => [.. Enumerable.Range(0, 256).Select(valueOf)];

    // Sign, exponent, mantissa; exponent 0 holds the numbers without a leading one.
    private static float SmallFloat(int code, int mantissaBits, int bias)
    {
        var (exponent, mantissa) = ((code & 0x7F) >> mantissaBits, code & ((1 << mantissaBits) - 1));
        var size = exponent == 0
            ? MathF.ScaleB(mantissa, 1 - bias - mantissaBits)
            : MathF.ScaleB(mantissa + (1 << mantissaBits), exponent - bias - mantissaBits);
        return (code & 0x80) == 0 ? size : -size;
    }
}
