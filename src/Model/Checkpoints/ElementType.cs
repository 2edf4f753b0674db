namespace Lcnn.Distributed.Model.Checkpoints;

/// <summary>Element types of a safetensors file; the names are those of the format.</summary>
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
}
