using System.Buffers.Binary;
using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Images;

namespace Lcnn.Distributed.Data.Named;

/// <summary>Reads MNIST's IDX files: two zero bytes, an element type, a rank, big-endian sizes, then the values.</summary>
internal static class IdxReader
{
    private const byte UnsignedByte = 0x08;

    public static ImageData Read(string imagesPath, string labelsPath, DataSetDescription description)
    {
        using var images = DataFileStream.Open(imagesPath);
        using var labels = DataFileStream.Open(labelsPath);
        return Read(images, labels, description);
    }

    public static ImageData Read(DataFileStream images, DataFileStream labels, DataSetDescription description)
    {
        var labelBytes = ReadLabels(labels, description.Classes);
        var sizes = ReadSizes(images, rank: 3);
        if (sizes[1] != description.Height || sizes[2] != description.Width)
        {
            throw images.Damaged(
                $"images of {description.Height}x{description.Width} for {description.Name}", $"images of {sizes[1]}x{sizes[2]}");
        }

        if (sizes[0] != labelBytes.Length)
        {
            throw images.Damaged($"{labelBytes.Length} images, as many as {labels.Path} has labels", $"{sizes[0]} images");
        }

        var pixels = images.ReadExactly(sizes[0] * description.Height * description.Width, "pixels");
        images.ExpectEnd("header and pixels");
        return new ImageData(
            pixels, Array.ConvertAll(labelBytes, label => (int)label), description.Channels, description.Height, description.Width,
            description.Classes, description.PixelMaximum);
    }

    private static byte[] ReadLabels(DataFileStream file, int classes)
    {
        var count = ReadSizes(file, rank: 1)[0];
        var labels = file.ReadExactly(count, "labels");
        file.ExpectEnd("header and labels");
        var position = labels.AsSpan().IndexOfAnyExceptInRange((byte)0, (byte)(classes - 1));
        return position < 0
            ? labels
            : throw file.Damaged($"labels in 0..{classes - 1}", $"label {labels[position]} at sample {position}");
    }

    private static long[] ReadSizes(DataFileStream file, int rank)
    {
        var header = file.ReadExactly(4 + (4 * rank), "header");
        if (header[0] != 0 || header[1] != 0 || header[3] != rank)
        {
            throw file.Damaged(
                $"an IDX file of rank {rank} (first bytes 00 00 08 {rank:x2})",
                $"first bytes {string.Join(' ', header[..4].Select(value => value.ToString("x2", null)))}");
        }

        if (header[2] != UnsignedByte)
        {
            throw file.Damaged("IDX elements of unsigned bytes (type 08)", $"type {header[2]:x2}");
        }

        var sizes = new long[rank];
        for (var i = 0; i < rank; i++)
        {
            sizes[i] = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4 + (4 * i)));
            if (sizes[i] == 0)
            {
                throw file.Damaged("sizes of at least 1", $"size 0 in dimension {i}");
            }
        }

        return sizes;
    }
}
