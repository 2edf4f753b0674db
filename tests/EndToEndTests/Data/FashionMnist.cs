using System.IO.Compression;

namespace Lcnn.Distributed.EndToEndTests.Data;

/// <summary>Debian's copy of Fashion-MNIST (package dataset-fashion-mnist).</summary>
internal static class FashionMnist
{
    private const string Folder = "/usr/share/datasets/fashion-mnist";

    /// <summary>Skips the test where the data set is missing; in CI that is a failure.</summary>
    public static void SkipIfMissing()
    {
        var isFound = Directory.Exists(Folder);
        Assert.True(isFound || !TestTier.IsContinuousIntegration, $"{Folder} is missing: install dataset-fashion-mnist");
        Assert.SkipUnless(isFound, $"{Folder} is missing: install dataset-fashion-mnist");
    }

    /// <summary>Writes the first samples of both halves to a folder: the whole test set takes longer than a short training.</summary>
    public static void CopyFirst(int train, int test, string folder)
    {
        foreach (var (prefix, count) in new[] { ("train", train), ("t10k", test) })
        {
            Copy($"{prefix}-images-idx3-ubyte", count, IdxFile.Images(count, 28, 28), folder);
            Copy($"{prefix}-labels-idx1-ubyte", count, IdxFile.Labels(count), folder);
        }
    }

    private static void Copy(string name, int count, byte[] header, string folder)
    {
        var values = new byte[count * (header.Length == IdxFile.LabelsHeaderLength ? 1 : 28 * 28)];
        using (var source = new GZipStream(File.OpenRead(Path.Combine(Folder, name + ".gz")), CompressionMode.Decompress))
        {
            source.ReadExactly(new byte[header.Length]);
            source.ReadExactly(values);
        }

        File.WriteAllBytes(Path.Combine(folder, name), [.. header, .. values]);
    }
}
