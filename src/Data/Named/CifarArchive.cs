using System.Text;
using Lcnn.Distributed.Data.Files;

namespace Lcnn.Distributed.Data.Named;

/// <summary>Finds CIFAR's files inside the published tar archive, without extracting it.</summary>
/// <remarks>
/// Not by System.Formats.Tar: its reader allocates whatever size the header of an extended entry claims. All that is needed
/// here is the plain header: the name at 0, the octal size at 124, the check sum at 148, the type at 156.
/// </remarks>
internal static class CifarArchive
{
    private const int BlockBytes = 512;
    private const int LargestArchiveBytes = 1 << 30;

    public static CifarPart[] Read(string path, CifarLayout layout)
    {
        using var file = DataFileStream.Open(path);
        var found = new Dictionary<string, CifarPart>();
        while (file.ReadUpTo(BlockBytes) is { Length: > 0 } header && header.AsSpan().ContainsAnyExcept((byte)0))
        {
            CheckHeader(file, header);
            var name = Encoding.Latin1.GetString(header, 0, 100).Split('\0')[0];
            var bytes = ParseOctal(file, header.AsSpan(124, 12));
            if (file.Position + bytes > LargestArchiveBytes)
            {
                throw file.Damaged($"an archive of at most {LargestArchiveBytes} bytes", $"{name}, which claims {bytes} bytes");
            }

            var fileName = name[(name.LastIndexOf('/') + 1)..];
            if (header[156] is 0 or (byte)'0' && layout.Files.Contains(fileName))
            {
                found[fileName] = new CifarPart($"{path}:{name}", file.ReadExactly(bytes, name));
            }
            else
            {
                file.Skip(bytes, name);
            }

            file.Skip(-bytes & (BlockBytes - 1), $"padding after {name}");
        }

        file.SkipToEnd(LargestArchiveBytes); // so that the check sum of gzip is compared
        var missing = layout.Files.Where(name => !found.ContainsKey(name)).ToArray();
        return missing.Length == 0
            ? [.. layout.Files.Select(name => found[name])]
            : throw file.Damaged($"the members {string.Join(", ", layout.Files)}", $"an archive without {string.Join(", ", missing)}");
    }

    private static void CheckHeader(DataFileStream file, byte[] header)
    {
        var sum = 8 * ' '; // the check sum itself counts as blanks
        for (var i = 0; i < header.Length; i++)
        {
            sum += i is >= 148 and < 156 ? 0 : header[i];
        }

        if (header.Length < BlockBytes)
        {
            throw file.Damaged("a tar archive", $"an end after {file.Position} bytes, inside a header");
        }

        if (ParseOctal(file, header.AsSpan(148, 8)) != sum)
        {
            throw file.Damaged("a tar archive", $"bytes before {file.Position} that are no tar header");
        }
    }

    private static long ParseOctal(DataFileStream file, ReadOnlySpan<byte> field)
    {
        var digits = field.Trim(" \0"u8);
        var value = 0L;
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'7')
            {
                throw file.Damaged("octal numbers in tar headers", $"byte {digit:x2} before {file.Position}");
            }

            value = (value << 3) + (digit - '0');
        }

        return value;
    }
}
