using System.Buffers.Binary;
using System.Text;

namespace Lcnn.Distributed.UnitTests.Diagnostics;

internal sealed record RequiredVersion(string Name, bool IsWeak, ushort Index);

/// <summary>Reads version requirements of an ELF file, written apart from the code it checks.</summary>
internal static class ElfReader
{
    public static (int Offset, int Size, int Entries) Section(byte[] image, string wanted)
    {
        var table = (int)BinaryPrimitives.ReadInt64LittleEndian(image.AsSpan(40));
        var strings = Header(image, table, U16(image, 62));
        for (var i = 0; i < U16(image, 60); i++)
        {
            var section = Header(image, table, i);
            if (Text(image, strings.Offset + section.Name) == wanted)
            {
                return (section.Offset, section.Size, section.Entries);
            }
        }

        throw new InvalidDataException($"no section {wanted}");
    }

    public static IReadOnlyList<RequiredVersion> RequiredVersions(byte[] image)
    {
        var (file, _, fileCount) = Section(image, ".gnu.version_r");
        var names = Section(image, ".dynstr").Offset;
        var versions = new List<RequiredVersion>();
        for (; fileCount > 0; fileCount--, file += I32(image, file + 12))
        {
            var entry = file + I32(image, file + 8);
            for (int left = U16(image, file + 2); left > 0; left--, entry += I32(image, entry + 12))
            {
                var isWeak = (U16(image, entry + 4) & 2) != 0;
                versions.Add(new RequiredVersion(Text(image, names + I32(image, entry + 8)), isWeak, U16(image, entry + 6)));
            }
        }

        return versions;
    }

    private static (int Name, int Offset, int Size, int Entries) Header(byte[] image, int table, int index)
    {
        var header = table + (index * 64);
        return (I32(image, header), I32(image, header + 24), I32(image, header + 32), I32(image, header + 44));
    }

    private static ushort U16(byte[] image, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan(offset));

    private static int I32(byte[] image, int offset) => BinaryPrimitives.ReadInt32LittleEndian(image.AsSpan(offset));

    private static string Text(byte[] image, int offset) =>
        Encoding.ASCII.GetString(image, offset, Array.IndexOf(image, (byte)0, offset) - offset);
}
