using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Images;

namespace Lcnn.Distributed.Data.Named;

/// <summary>Reads CIFAR's binary version from its extracted files or straight from the published archive.</summary>
internal static class CifarReader
{
    /// <summary>Reads either one archive or every file of the layout, in its order.</summary>
    public static DataSet Read(IReadOnlyList<string> paths, CifarLayout layout, DataSetDescription description)
    {
        var parts = paths.Count == 1
            ? CifarArchive.Read(paths[0], layout)
            : [.. paths.Select(path => new CifarPart(path, ReadFile(path)))];
        return new DataSet(
            description.Name, Assemble([.. parts.SkipLast(1)], layout, description), Assemble([parts[^1]], layout, description));
    }

    private static byte[] ReadFile(string path)
    {
        using var file = DataFileStream.Open(path);
        return file.ReadToEnd(CifarLayout.LargestFileBytes, "records");
    }

    private static ImageData Assemble(IReadOnlyList<CifarPart> parts, CifarLayout layout, DataSetDescription description)
    {
        var imageLength = description.Channels * description.Height * description.Width;
        var recordLength = layout.LabelLimits.Count + imageLength;
        foreach (var part in parts)
        {
            if (part.Bytes.Length == 0 || part.Bytes.Length % recordLength != 0)
            {
                throw new DataFileException(
                    part.Path, $"a multiple of {recordLength} bytes, the records of {description.Name}", $"{part.Bytes.Length} bytes");
            }
        }

        var count = parts.Sum(part => (long)part.Bytes.Length) / recordLength;
        if (count * imageLength > Array.MaxLength)
        {
            throw new DataFileException(parts[0].Path, $"at most {Array.MaxLength / imageLength} samples", $"{count}");
        }

        var pixels = new byte[count * imageLength];
        var labels = new int[count];
        var sample = 0;
        foreach (var part in parts)
        {
            for (var offset = 0; offset < part.Bytes.Length; offset += recordLength, sample++)
            {
                var record = part.Bytes.AsSpan(offset, recordLength);
                labels[sample] = ReadLabel(part.Path, record, offset / recordLength, layout.LabelLimits);
                record[layout.LabelLimits.Count..].CopyTo(pixels.AsSpan(sample * imageLength));
            }
        }

        return new ImageData(
            pixels, labels, description.Channels, description.Height, description.Width, description.Classes, description.PixelMaximum);
    }

    private static int ReadLabel(string path, ReadOnlySpan<byte> record, int index, IReadOnlyList<int> limits)
    {
        for (var i = 0; i < limits.Count; i++)
        {
            if (record[i] >= limits[i])
            {
                throw new DataFileException(path, $"labels in 0..{limits[i] - 1}", $"label {record[i]} in record {index}");
            }
        }

        return record[limits.Count - 1]; // the fine label is the last one
    }
}
