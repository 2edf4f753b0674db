using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Parquet;
using Parquet.Serialization;
using SkiaSharp;

namespace Lcnn.Distributed.UnitTests.Data;

/// <summary>Writes small sets of images in every form that a user's own may have. Sample i of any has the same pixels and is of class i mod 3.</summary>
internal static class OwnFiles
{
    public const int Height = 6;
    public const int Width = 7;
    public const int TrainCount = 24;
    public const int TestCount = 9;

    public static string[] Classes { get; } = ["cat", "dog", "owl"];

    /// <summary>Pixels, the channels of one side by side.</summary>
    public static byte[] Pixels(int sample, int height = Height, int width = Width) => SmallFiles.Noise(height * width * 3, seed: 100 + sample);

    /// <summary>An encoded image.</summary>
    public static byte[] Encode(int sample, SKEncodedImageFormat format = SKEncodedImageFormat.Png, int height = Height, int width = Width)
    {
        var pixels = Pixels(sample, height, width);
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        for (var i = 0; i < height * width; i++)
        {
            bitmap.SetPixel(i % width, i / width, new SKColor(pixels[3 * i], pixels[(3 * i) + 1], pixels[(3 * i) + 2]));
        }

        using var data = bitmap.Encode(format, 90);
        return data.ToArray();
    }

    /// <summary>A folder of PNGs with train/ and test/, its samples class by class.</summary>
    public static TemporaryFolder Folder(string train = "train", string? test = "test")
    {
        var folder = new TemporaryFolder();
        foreach (var sample in ByClass(TrainCount))
        {
            folder.Write(Path.Combine(train, Classes[sample % 3], $"{sample:000}.png"), Encode(sample));
        }

        foreach (var sample in test is null ? [] : ByClass(TestCount))
        {
            folder.Write(Path.Combine(test!, Classes[sample % 3], $"{sample:000}.png"), Encode(1000 + sample));
        }

        return folder;
    }

    /// <summary>Samples in a folder's order: class by class.</summary>
    public static int[] ByClass(int count) => [.. Enumerable.Range(0, count).OrderBy(sample => sample % 3)];

    /// <summary>The same samples as an .npz file of uint8.</summary>
    public static byte[] Npz(bool isPacked)
    {
        var (train, test) = (ByClass(TrainCount), ByClass(TestCount));
        return Zip(isPacked, new()
        {
            ["x_train"] = Npy("|u1", [TrainCount, Height, Width, 3], [.. train.SelectMany(sample => Pixels(sample))]),
            ["y_train"] = Npy("<i8", [TrainCount], [.. train.SelectMany(sample => BitConverter.GetBytes((long)(sample % 3)))]),
            ["x_test"] = Npy("|u1", [TestCount, Height, Width, 3], [.. test.SelectMany(sample => Pixels(1000 + sample))]),
            ["y_test"] = Npy("<i4", [TestCount, 1], [.. test.SelectMany(sample => BitConverter.GetBytes(sample % 3))]),
        });
    }

    /// <summary>Arrays in an .npz file.</summary>
    public static byte[] Zip(bool isPacked, Dictionary<string, byte[]> arrays)
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, array) in arrays)
            {
                using var entry = archive.CreateEntry($"{name}.npy", isPacked ? CompressionLevel.Fastest : CompressionLevel.NoCompression).Open();
                entry.Write(array);
            }
        }

        return bytes.ToArray();
    }

    /// <summary>An array as NumPy writes it.</summary>
    public static byte[] Npy(string type, int[] shape, byte[] data)
    {
        var text = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({string.Join(", ", shape)}{(shape.Length == 1 ? "," : "")}), }}\n";
        var header = new byte[10];
        ((ReadOnlySpan<byte>)[0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0]).CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), (ushort)text.Length);
        return [.. header, .. Encoding.ASCII.GetBytes(text), .. data];
    }

    /// <summary>Some samples as Hugging Face's datasets write them, some rows to a group.</summary>
    public static async Task<byte[]> ParquetAsync(IReadOnlyList<HubRow> rows, CompressionMethod packing, int rowsOfGroup = 10, bool hasNames = true)
    {
        using var bytes = new MemoryStream();
        var names = JsonSerializer.Serialize(new { info = new { features = new { image = new { _type = "Image" }, label = new { names = Classes, _type = "ClassLabel" } } } });
        await ParquetSerializer.SerializeAsync(
            rows, bytes, new ParquetOptions { CompressionMethod = packing, RowGroupSize = rowsOfGroup },
            hasNames ? new Dictionary<string, string> { ["huggingface"] = names } : null);
        return bytes.ToArray();
    }

    /// <summary>The rows of a part.</summary>
    public static IReadOnlyList<HubRow> Rows(int count, int first = 0) =>
        [.. ByClass(count).Select(sample => new HubRow { image = new HubImage { bytes = Encode(first + sample), path = $"{sample}.png" }, label = sample % 3 })];
}

#pragma warning disable IDE1006 // names of columns
/// <summary>A row of an image set.</summary>
internal sealed class HubRow
{
    public HubImage? image { get; set; }

    public long? label { get; set; }
}

/// <summary>An image of such a row.</summary>
internal sealed class HubImage
{
    public byte[]? bytes { get; set; }

    public string? path { get; set; }
}
#pragma warning restore IDE1006
