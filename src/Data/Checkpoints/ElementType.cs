namespace Lcnn.Distributed.Data.Checkpoints;

/// <summary>Element types of a safetensors file; the names are those of the format. Their numbers travel: append only.</summary>
public enum ElementType
{
    /// <summary>Boolean, one byte.</summary>
    BOOL,
    /// <summary>Unsigned 8-bit integer.</summary>
    U8,
    /// <summary>Signed 8-bit integer.</summary>
    I8,
    /// <summary>Signed 16-bit integer.</summary>
    I16,
    /// <summary>IEEE half.</summary>
    F16,
    /// <summary>Brain float.</summary>
    BF16,
    /// <summary>Signed 32-bit integer.</summary>
    I32,
    /// <summary>IEEE single.</summary>
    F32,
    /// <summary>Signed 64-bit integer.</summary>
    I64,
    /// <summary>IEEE double.</summary>
    F64,
    /// <summary>Unsigned 16-bit integer.</summary>
    U16,
    /// <summary>Unsigned 32-bit integer.</summary>
    U32,
    /// <summary>Unsigned 64-bit integer.</summary>
    U64,
    /// <summary>Two singles: real and imaginary part.</summary>
    C64,
    /// <summary>8-bit float, 5 bits of exponent, with infinities.</summary>
    F8_E5M2,
    /// <summary>8-bit float, 4 bits of exponent, without infinities.</summary>
    F8_E4M3,
    /// <summary>Power of two, 8 bits of exponent: the scale of a block.</summary>
    F8_E8M0,
    /// <summary>As <see cref="F8_E4M3"/> with bias 8 and no negative zero, whose bits are NaN.</summary>
    F8_E4M3FNUZ,
    /// <summary>As <see cref="F8_E5M2"/> with bias 16, no infinities and no negative zero, whose bits are NaN.</summary>
    F8_E5M2FNUZ,
    /// <summary>4-bit float, two to a byte.</summary>
    F4,
    /// <summary>6-bit float, 2 bits of exponent, four to three bytes.</summary>
    F6_E2M3,
    /// <summary>6-bit float, 3 bits of exponent, four to three bytes.</summary>
    F6_E3M2,
}
