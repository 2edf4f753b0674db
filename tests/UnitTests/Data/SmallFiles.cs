using System.Buffers.Binary;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace Lcnn.Distributed.UnitTests.Data;

/// <summary>Writes small files in every format that the readers know.</summary>
internal static class SmallFiles
{
    public const int CifarPixels = 3 * 32 * 32;

    public static byte[] Idx(ReadOnlySpan<int> sizes, byte[] values)
    {
        var bytes = new byte[4 + (4 * sizes.Length) + values.Length];
        bytes[2] = 8;
        bytes[3] = (byte)sizes.Length;
        for (var i = 0; i < sizes.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4 + (4 * i)), sizes[i]);
        }

        values.CopyTo(bytes, 4 + (4 * sizes.Length));
        return bytes;
    }

    public static byte[] IdxImages(int count, int seed = 1) => Idx([count, 28, 28], Noise(count * 784, seed));

    public static byte[] IdxLabels(int count) => Idx([count], [.. Enumerable.Range(0, count).Select(i => (byte)(i % 10))]);

    /// <summary>The four files of an IDX set, six samples to train and four to test.</summary>
    public static Dictionary<string, byte[]> IdxSet(bool zipped)
    {
        var files = new Dictionary<string, byte[]>
        {
            ["train-images-idx3-ubyte"] = IdxImages(6),
            ["train-labels-idx1-ubyte"] = IdxLabels(6),
            ["t10k-images-idx3-ubyte"] = IdxImages(4, seed: 2),
            ["t10k-labels-idx1-ubyte"] = IdxLabels(4),
        };
        return zipped ? files.ToDictionary(file => file.Key + ".gz", file => Gzip(file.Value)) : files;
    }

    /// <summary>CIFAR records; sample i of a file has fine label i.</summary>
    public static byte[] Cifar(int count, int labelBytes, int seed)
    {
        var pixels = Noise(count * CifarPixels, seed);
        var bytes = new List<byte>();
        for (var i = 0; i < count; i++)
        {
            bytes.AddRange(Enumerable.Repeat((byte)(i % 10), labelBytes));
            bytes.AddRange(pixels.AsSpan(i * CifarPixels, CifarPixels));
        }

        return [.. bytes];
    }

    public static Dictionary<string, byte[]> Cifar10Set() => Enumerable.Range(1, 6).ToDictionary(
        batch => batch == 6 ? "test_batch.bin" : $"data_batch_{batch}.bin", batch => Cifar(2, labelBytes: 1, batch));

    public static Dictionary<string, byte[]> Cifar100Set() =>
        new() { ["train.bin"] = Cifar(4, 2, seed: 1), ["test.bin"] = Cifar(3, 2, seed: 2) };

    public static byte[] Tar(IEnumerable<KeyValuePair<string, byte[]>> members, string folder)
    {
        using var stream = new MemoryStream();
        using (var writer = new TarWriter(stream, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach (var (name, bytes) in members)
            {
                writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, $"{folder}/{name}")
                {
                    DataStream = new MemoryStream(bytes),
                });
            }
        }

        return stream.ToArray();
    }

    public static byte[] Csv(int rows) => Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, rows).Select(row =>
        string.Join(',', Enumerable.Range(0, 64).Select(column => (row + column) % 17)) + $",{row % 10}\n")));

    public static byte[] Gzip(byte[] bytes)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return stream.ToArray();
    }

    public static byte[] Noise(int count, int seed)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
