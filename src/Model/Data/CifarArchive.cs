using System.Formats.Tar;

namespace Lcnn.Distributed.Model.Data;

/// <summary>Finds CIFAR's files inside the published tar archive, without extracting it.</summary>
internal static class CifarArchive
{
    private const int LargestMemberCount = 1000;

    public static CifarPart[] Read(string path, CifarLayout layout)
    {
        using var file = DataFileStream.Open(path);
        try
        {
            return Read(file, layout);
        }
        catch (Exception exception) when (exception is not (DataFileException or OutOfMemoryException))
        {
            // What TarReader throws on damaged bytes is not documented.
            throw file.Damaged("an intact tar.gz archive", $"a damaged one ({exception.Message})", exception);
        }
    }

    private static CifarPart[] Read(DataFileStream file, CifarLayout layout)
    {
        var found = new CifarPart?[layout.Files.Count];
        using var tar = new TarReader(file.Content, leaveOpen: true);
        for (var members = 0; found.Contains(null) && tar.GetNextEntry() is { } entry; members++)
        {
            if (members == LargestMemberCount || entry.Length > CifarLayout.LargestFileBytes)
            {
                throw file.Damaged(
                    $"at most {LargestMemberCount} members of at most {CifarLayout.LargestFileBytes} bytes",
                    $"{entry.Name}, member {members + 1}, of {entry.Length} bytes");
            }

            var position = IndexOf(layout.Files, entry.Name);
            if (position >= 0 && entry.DataStream is { } content)
            {
                using var bytes = new MemoryStream();
                content.CopyTo(bytes);
                found[position] = new CifarPart($"{file.Path}:{entry.Name}", bytes.ToArray());
            }
        }

        var missing = layout.Files.Where((_, i) => found[i] is null).ToArray();
        return missing.Length == 0
            ? [.. found.OfType<CifarPart>()]
            : throw file.Damaged($"the members {string.Join(", ", layout.Files)}", $"an archive without {string.Join(", ", missing)}");
    }

    private static int IndexOf(IReadOnlyList<string> files, string member)
    {
        var name = member[(member.LastIndexOf('/') + 1)..];
        return files.Index().FirstOrDefault(file => file.Item == name, (Index: -1, Item: "")).Index;
    }
}
