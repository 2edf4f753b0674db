namespace Lcnn.Distributed.Model.Checkpoints;

/// <summary>Sizes and names of <see cref="ElementType"/>.</summary>
public static class ElementTypeExtensions
{
    private static readonly ElementType[] _all = Enum.GetValues<ElementType>();
    private static readonly string[] _names = Array.ConvertAll(_all, static type => type.ToString());

    internal static string Supported { get; } = string.Join(", ", _names);

    /// <summary>Bytes of one element.</summary>
    public static int ByteCount(this ElementType type) => type switch
    {
        ElementType.BOOL or ElementType.U8 or ElementType.I8 => 1,
        ElementType.I16 or ElementType.F16 or ElementType.BF16 => 2,
        ElementType.I32 or ElementType.F32 => 4,
        ElementType.I64 or ElementType.F64 => 8,
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
        Half => ElementType.F16,
        int => ElementType.I32,
        float => ElementType.F32,
        long => ElementType.I64,
        double => ElementType.F64,
        _ => throw new ArgumentException($"{typeof(T).Name} has no element type in safetensors; use one of {Supported}."),
    };
}
