using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Lcnn.Distributed.Data.Numpy;

/// <summary>What an .npy file says of its array (numpy.lib.format, versions 1 to 3).</summary>
/// <param name="Kind">u, i, f, b: unsigned, signed, floating, boolean.</param>
/// <param name="ItemBytes">Bytes of an element.</param>
/// <param name="IsBigEndian">Whether the first byte of an element is its highest.</param>
/// <param name="IsFortranOrder">Whether the first index runs fastest.</param>
/// <param name="Shape">Sizes.</param>
internal sealed partial record NpyHeader(char Kind, int ItemBytes, bool IsBigEndian, bool IsFortranOrder, IReadOnlyList<long> Shape)
{
    private const int PreambleBytes = 8;
    private const int LargestText = 1 << 16;
    private const int LargestRank = 8;

    /// <summary>Name of the element type, as NumPy writes it.</summary>
    public string Type => $"{Kind}{ItemBytes}";

    /// <summary>The sizes, as NumPy writes them.</summary>
    public string ShapeText => $"({string.Join(", ", Shape)}{(Shape.Count == 1 ? "," : "")})";

    /// <summary>Whether elements are bytes.</summary>
    public bool IsBytes => this is { Kind: 'u', ItemBytes: 1 };

    /// <summary>Whether elements are floating-point numbers that can be read.</summary>
    public bool IsFloating => this is { Kind: 'f', ItemBytes: 2 or 4 or 8 };

    /// <summary>Bytes of all elements; null beyond what an array holds, or what is said.</summary>
    public long? CountBytes(long? most = null)
    {
        var bytes = (Int128)ItemBytes;
        foreach (var size in Shape)
        {
            bytes *= size;
            if (bytes > (most ?? Array.MaxLength))
            {
                return null;
            }
        }

        return (long)bytes;
    }

    /// <summary>Reads a header; null for one that NumPy does not write.</summary>
    public static NpyHeader? TryRead(Stream stream)
    {
        var preamble = new byte[PreambleBytes];
        if (stream.ReadAtLeast(preamble, preamble.Length, throwOnEndOfStream: false) < preamble.Length
            || preamble is not [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', >= 1 and <= 3, 0])
        {
            return null;
        }

        var length = new byte[preamble[6] == 1 ? sizeof(ushort) : sizeof(uint)];
        if (stream.ReadAtLeast(length, length.Length, throwOnEndOfStream: false) < length.Length)
        {
            return null;
        }

        var count = length.Length == sizeof(ushort) ? BinaryPrimitives.ReadUInt16LittleEndian(length) : BinaryPrimitives.ReadUInt32LittleEndian(length);
        if (count > LargestText)
        {
            return null;
        }

        var text = new byte[count];
        return stream.ReadAtLeast(text, text.Length, throwOnEndOfStream: false) == text.Length ? TryParse(Encoding.Latin1.GetString(text)) : null;
    }

    private static NpyHeader? TryParse(string text)
    {
        if (Pattern().Match(text) is not { Success: true } match)
        {
            return null;
        }

        var shape = new List<long>();
        foreach (var size in match.Groups["shape"].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (shape.Count == LargestRank || !long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            {
                return null;
            }

            shape.Add(value);
        }

        return new NpyHeader(
            match.Groups["kind"].Value[0], int.Parse(match.Groups["bytes"].Value, CultureInfo.InvariantCulture), match.Groups["order"].Value == ">",
            match.Groups["fortran"].Value == "True", shape);
    }

    [GeneratedRegex("""^\{'descr': '(?<order>[<>|=]?)(?<kind>[a-zA-Z])(?<bytes>\d{1,4})', 'fortran_order': (?<fortran>True|False), 'shape': \((?<shape>[\d, ]*)\),? *\} *\n?$""", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
