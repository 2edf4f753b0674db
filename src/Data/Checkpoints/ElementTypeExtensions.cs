namespace Lcnn.Distributed.Data.Checkpoints;

/// <summary>Sizes and names of <see cref="ElementType"/>.</summary>
public static class ElementTypeExtensions
{
    private static readonly ElementType[] _all = Enum.GetValues<ElementType>();
    private static readonly string[] _names = Array.ConvertAll(_all, static type => type.ToString());

    internal static string Supported { get; } = string.Join(", ", _names);

    /// <summary>Bits of one element; those of less than a byte lie packed.</summary>
    public static int BitCount(this ElementType type) => type switch
    {
        ElementType.F4 => 4,
        ElementType.F6_E2M3 or ElementType.F6_E3M2 => 6,
        ElementType.BOOL or ElementType.U8 or ElementType.I8 or ElementType.F8_E5M2 or ElementType.F8_E4M3 or ElementType.F8_E8M0
            or ElementType.F8_E4M3FNUZ or ElementType.F8_E5M2FNUZ => 8,
        ElementType.I16 or ElementType.U16 or ElementType.F16 or ElementType.BF16 => 16,
        ElementType.I32 or ElementType.U32 or ElementType.F32 => 32,
        ElementType.I64 or ElementType.U64 or ElementType.F64 or ElementType.C64 => 64,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not an element type of safetensors"),
    };

    // Enum.TryParse would also take numbers and lists.
    internal static bool TryParse(string name, out ElementType type)
    {
        var index = Array.IndexOf(_names, name);
        type = index < 0 ? default : _all[index];
        return index >= 0;
    }

    internal static ElementType Of<T>() where T : unmanaged => default(T) switch
    {
        bool => ElementType.BOOL,
        byte => ElementType.U8,
        sbyte => ElementType.I8,
        short => ElementType.I16,
        ushort => ElementType.U16,
        Half => ElementType.F16,
        int => ElementType.I32,
        uint => ElementType.U32,
        float => ElementType.F32,
        long => ElementType.I64,
        ulong => ElementType.U64,
        double => ElementType.F64,
        _ => throw new ArgumentException($"{typeof(T).Name} has no element type in safetensors; use one of {Supported}."),
    };
}
