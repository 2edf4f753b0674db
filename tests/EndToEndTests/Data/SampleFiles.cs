using System.Formats.Tar;
using System.IO.Compression;

namespace Lcnn.Distributed.EndToEndTests.Data;

/// <summary>Writes small data sets of noise in every format, whole or damaged in one file.</summary>
internal static class SampleFiles
{
    private const int Train = 40;
    private const int Test = 16;
    private const byte NoLabel = 200;

    public static string DatasetOf(DataFormat format) => format switch
    {
        DataFormat.Idx or DataFormat.IdxGzip => "mnist",
        DataFormat.Cifar10 or DataFormat.Cifar10Archive => "cifar10",
        _ => "cifar100",
    };

    /// <summary>Writes the files of a data set.</summary>
    /// <returns>The name of the file that is damaged.</returns>
    public static string Write(DataFormat format, Damage damage, string folder)
    {
        var contents = Contents(format);
        var damaged = DamagedContent(format, damage);
        contents[damaged] = DamageContent(contents[damaged], format, damage);
        if (damage == Damage.Missing)
        {
            contents.Remove(damaged);
        }

        var files = format switch
        {
            DataFormat.IdxGzip => contents.ToDictionary(file => file.Key + ".gz", file => Compress(file.Value)),
            DataFormat.Cifar10Archive => new() { ["cifar-10-binary.tar.gz"] = Compress(Archive("cifar-10-batches-bin", contents)) },
            DataFormat.Cifar100Archive => new() { ["cifar-100-binary.tar.gz"] = Compress(Archive("cifar-100-binary", contents)) },
            _ => contents,
        };
        var name = files.Keys.FirstOrDefault(name => name.StartsWith(damaged, StringComparison.Ordinal)) ?? files.Keys.First();
        foreach (var (file, bytes) in files)
        {
            File.WriteAllBytes(Path.Combine(folder, file), file == name ? DamageFile(bytes, damage) : bytes);
        }

        return damage == Damage.Missing ? damaged : name;
    }

    private static Dictionary<string, byte[]> Contents(DataFormat format) => format switch
    {
        DataFormat.Idx or DataFormat.IdxGzip => new()
        {
            ["train-images-idx3-ubyte"] = [.. IdxFile.Images(Train, 28, 28), .. Noise(Train * 28 * 28)],
            ["train-labels-idx1-ubyte"] = [.. IdxFile.Labels(Train), .. Labels(Train)],
            ["t10k-images-idx3-ubyte"] = [.. IdxFile.Images(Test, 28, 28), .. Noise(Test * 28 * 28)],
            ["t10k-labels-idx1-ubyte"] = [.. IdxFile.Labels(Test), .. Labels(Test)],
        },
        DataFormat.Cifar10 or DataFormat.Cifar10Archive => Enumerable.Range(1, 5).Select(batch => $"data_batch_{batch}.bin")
            .Append("test_batch.bin").ToDictionary(name => name, _ => Records(Test, labels: 1)),
        _ => new() { ["train.bin"] = Records(Train, labels: 2), ["test.bin"] = Records(Test, labels: 2) },
    };

    private static string DamagedContent(DataFormat format, Damage damage) => format switch
    {
        DataFormat.Idx or DataFormat.IdxGzip => damage == Damage.WrongLabel ? "train-labels-idx1-ubyte" : "train-images-idx3-ubyte",
        DataFormat.Cifar10 or DataFormat.Cifar10Archive => "data_batch_2.bin",
        _ => "train.bin",
    };

    private static byte[] DamageContent(byte[] bytes, DataFormat format, Damage damage)
    {
        switch (damage)
        {
            case Damage.ShortContent:
                return bytes[..^7];
            case Damage.WrongLabel:
                bytes[format is DataFormat.Idx or DataFormat.IdxGzip ? ^1 : 0] = NoLabel;
                break;
        }

        return bytes;
    }

    private static byte[] DamageFile(byte[] bytes, Damage damage)
    {
        switch (damage)
        {
            case Damage.Truncated:
                return bytes[..(bytes.Length * 7 / 12)]; // amid a record and amid a member
            case Damage.WrongMagic:
                "noise!"u8.CopyTo(bytes);
                break;
            case Damage.FlippedBit:
                bytes[bytes.Length / 2] ^= 1;
                break;
        }

        return bytes;
    }

    private static byte[] Records(int count, int labels)
    {
        var records = Noise(count * (labels + 3072));
        for (var sample = 0; sample < count; sample++)
        {
            records.AsSpan(sample * (labels + 3072), labels).Fill((byte)(sample % 10));
        }

        return records;
    }

    private static byte[] Labels(int count) => [.. Enumerable.Range(0, count).Select(sample => (byte)(sample % 10))];

    private static byte[] Noise(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }

    private static byte[] Archive(string folder, Dictionary<string, byte[]> members)
    {
        using var archive = new MemoryStream();
        using (var writer = new TarWriter(archive, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach (var (name, bytes) in members)
            {
                writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, $"{folder}/{name}") { DataStream = new MemoryStream(bytes) });
            }
        }

        return archive.ToArray();
    }

    private static byte[] Compress(byte[] bytes)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return compressed.ToArray();
    }
}
