using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Data.Own;
using Parquet;
using SkiaSharp;

namespace Lcnn.Distributed.UnitTests.Data;

/// <summary>A user's own images, in every form they may have.</summary>
public sealed class OwnDataSetTests
{
    [Fact]
    public void Folder_TrainAndTest_HasClassesPixelsAndNames()
    {
        using var folder = OwnFiles.Folder();

        var data = Read(folder.Path);

        Assert.Equal((OwnFiles.TrainCount, OwnFiles.TestCount, 3, 3), (data.Train.Count, data.Test.Count, data.Train.Channels, data.Train.Classes));
        Assert.Equal((OwnFiles.Height, OwnFiles.Width), (data.Train.Height, data.Train.Width));
        Assert.Equal(OwnFiles.Classes, data.Train.ClassNames);
        Assert.Equal([.. OwnFiles.ByClass(OwnFiles.TrainCount).Select(sample => sample % 3)], data.Train.Labels.ToArray());
        Assert.Equal(Planes(0), data.Train.AsBytes().Pixels[..data.Train.ImageLength].ToArray());
        Assert.False(data.IsAugmented);
    }

    [Fact]
    public async Task Sets_OfTheSameSamples_HaveOneHashInEveryForm()
    {
        using var images = OwnFiles.Folder(test: "val");
        using var other = new TemporaryFolder();
        other.Write("hub/data/train-00000-of-00002.parquet", await OwnFiles.ParquetAsync([.. OwnFiles.Rows(OwnFiles.TrainCount).Take(17)], CompressionMethod.Snappy));
        other.Write("hub/data/train-00001-of-00002.parquet", await OwnFiles.ParquetAsync([.. OwnFiles.Rows(OwnFiles.TrainCount).Skip(17)], CompressionMethod.Gzip));
        other.Write("hub/data/validation-00000-of-00001.parquet", await OwnFiles.ParquetAsync(OwnFiles.Rows(OwnFiles.TestCount, 1000), CompressionMethod.None));

        string[] hashes =
        [
            Read(images.Path).Sha256,
            Read(other.Write("stored.npz", OwnFiles.Npz(isPacked: false))).Sha256,
            Read(other.Write("packed.npz", OwnFiles.Npz(isPacked: true))).Sha256,
            Read(Path.Combine(other.Path, "hub")).Sha256,
        ];

        Assert.Single(hashes.Distinct());
        Assert.Equal(OwnFiles.Classes, Read(Path.Combine(other.Path, "hub")).Train.ClassNames);
    }

    [Theory]
    [InlineData("numpy.npz")]
    [InlineData("planar.npz")]
    [InlineData("plain.mat")]
    [InlineData("packed.mat")]
    public void Files_OfNumpyAndScipy_HoldTheSamplesThatWereWritten(string name)
    {
        var file = Path.Combine(AppContext.BaseDirectory, "Data", "Pictures", name);
        var isMatlab = Path.GetExtension(name) == ".mat";

        var data = OwnDataSets.Read(file, new ImageOptions { Split = isMatlab ? 0.4 : 0 }, null, CancellationToken.None);

        var samples = Samples(data.Train).Concat(isMatlab ? Samples(data.Test) : []).Order(StringComparer.Ordinal);
        Assert.Equal(Enumerable.Range(0, 8).Select(i => $"{i % 3} {Convert.ToHexString(Formula(i))}").Order(StringComparer.Ordinal), samples);
        Assert.Equal(isMatlab ? 10 : 3, data.Train.Classes);
    }

    [Fact]
    public void Split_OfAFolderWithoutTest_TakesTheShareOfEveryClassBySeed()
    {
        using var folder = OwnFiles.Folder(train: "", test: null);

        var data = Read(folder.Path, new ImageOptions { Split = 0.25, SplitSeed = 1 });
        var again = Read(folder.Path, new ImageOptions { Split = 0.25, SplitSeed = 1 });
        var other = Read(folder.Path, new ImageOptions { Split = 0.25, SplitSeed = 2 });

        Assert.Equal((18, 6), (data.Train.Count, data.Test.Count));
        Assert.Equal([0, 0, 1, 1, 2, 2], data.Test.Labels.ToArray());
        Assert.Equal(data.Sha256, again.Sha256);
        Assert.NotEqual(data.Sha256, other.Sha256);
        Assert.Empty(Samples(data.Train).Intersect(Samples(data.Test)));
        Assert.Equal(OwnFiles.Classes, data.Test.ClassNames);
    }

    [Fact]
    public void Images_OfSeveralSizes_NeedOneAndAreBroughtToIt()
    {
        using var folder = OwnFiles.Folder();
        folder.Write("train/cat/100.jpg", OwnFiles.Encode(50, SKEncodedImageFormat.Jpeg, 20, 30));

        var refusal = Assert.Throws<DataFileException>(() => Read(folder.Path));
        var data = Read(folder.Path, new ImageOptions { Size = (5, 4) });

        Assert.Contains("train/cat/000.png of 6x7 and train/cat/100.jpg of 20x30", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("--image-size", refusal.Advice, StringComparison.Ordinal);
        Assert.Equal((OwnFiles.TrainCount + 1, 5, 4), (data.Train.Count, data.Train.Height, data.Train.Width));
    }

    [Fact]
    public void Grey_ByOptionOrByEveryFile_IsOneChannel()
    {
        using var folder = OwnFiles.Folder();
        using var grey = new TemporaryFolder();
        foreach (var place in new[] { "train/a/1.png", "train/b/2.png", "test/a/3.png" })
        {
            grey.Write(place, GreyPng());
        }

        Assert.Equal(1, Read(folder.Path, new ImageOptions { Grayscale = true }).Train.Channels);
        Assert.Equal((1, 1), (Read(grey.Path).Train.Channels, Read(grey.Path).Test.Channels));

        grey.Write("test/b/4.png", OwnFiles.Encode(1));

        Assert.Equal((3, 3), (Read(grey.Path).Train.Channels, Read(grey.Path).Test.Channels));
    }

    [Fact]
    public void BadImages_OfEveryKind_AreNamedOrLeftOut()
    {
        using var folder = OwnFiles.Folder();
        var good = Read(folder.Path).Sha256;
        folder.Write("train/cat/cut.png", OwnFiles.Encode(60)[..100]);
        folder.Write("train/cat/empty.jpg", []);
        folder.Write("train/dog/text.jpg", "no image"u8.ToArray());
        folder.Write("train/owl/moving.gif", "GIF89a"u8.ToArray());
        folder.Write("train/stray.png", OwnFiles.Encode(61));
        folder.Write("test/owl/huge.bmp", HugeBmp());
        folder.Write("train/owl/notes.txt", "ignored"u8.ToArray());

        var refusal = Assert.Throws<DataFileException>(() => Read(folder.Path));
        var data = Read(folder.Path, new ImageOptions { SkipBad = true });

        Assert.StartsWith("6 of 39 that cannot: train/stray.png: lies in the folder of no class; train/cat/cut.png: cut short: its pixels end too early; "
            + "train/cat/empty.jpg: an empty file; train/dog/text.jpg: no PNG, JPEG or BMP (its first bytes are 6e 6f 20 69 6d 61 67 65); "
            + "train/owl/moving.gif: neither PNG nor JPEG nor BMP; test/owl/huge.bmp: 30000x30000 pixels", refusal.Got, StringComparison.Ordinal);
        Assert.Contains("--skip-bad", refusal.Advice, StringComparison.Ordinal);
        Assert.Equal(good, data.Sha256);
        Assert.Contains("6 of 39 images are left out", data.LeftOut, StringComparison.Ordinal);
    }

    [Fact]
    public void BadImages_ThatAreMany_AreNamedUpToTwentyAndCounted()
    {
        using var folder = OwnFiles.Folder();
        for (var i = 0; i < 33; i++)
        {
            folder.Write($"train/cat/x{i:00}.jpg", [1]);
        }

        var refusal = Assert.Throws<DataFileException>(() => Read(folder.Path));

        Assert.Contains("train/cat/x19.jpg", refusal.Got, StringComparison.Ordinal);
        Assert.DoesNotContain("train/cat/x20.jpg", refusal.Got, StringComparison.Ordinal);
        Assert.EndsWith("; and 13 more", refusal.Got, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "none")]
    [InlineData("train/cat/1.png", "at least 2 classes")]
    [InlineData("train/cat/1.png train/dog/2.png", "a test set")]
    [InlineData("test/cat/1.png", "test/ without train/")]
    [InlineData("train/cat/1.png train/dog/2.png test/fox/3.png", "the classes fox")]
    [InlineData("train/cat/1.png train/dog/notes.txt test/cat/1.png", "none in dog")]
    [InlineData("train/cat/1.png train/dog/2.png test/notes.txt", "to test with")]
    public void Folder_OfAnotherLayout_IsRefusedByName(string files, string reason)
    {
        using var folder = new TemporaryFolder();
        foreach (var file in files.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            folder.Write(file, OwnFiles.Encode(1));
        }

        if (files.Length == 0)
        {
            reason = "no folder in";
        }

        Assert.Contains(reason, Assert.Throws<DataFileException>(() => Read(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Split_WhereThereIsATestSet_IsRefused()
    {
        using var folder = OwnFiles.Folder();

        foreach (var path in new[] { folder.Path, folder.Write("set.npz", OwnFiles.Npz(isPacked: false)) })
        {
            Assert.Contains("--split", Assert.Throws<DataFileException>(() => Read(path, new ImageOptions { Split = 0.1 })).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("file.txt")]
    [InlineData("file")]
    public void Path_ToNoImages_IsRefusedByName(string name)
    {
        using var folder = new TemporaryFolder();
        if (name != "nothing")
        {
            folder.Write(name, "text"u8.ToArray());
        }

        Assert.Contains(OwnDataSets.Kinds, Assert.Throws<DataFileException>(() => Read(Path.Combine(folder.Path, name))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Normalization_ByChannel_IsAppliedToGatheredValuesAndToPadding()
    {
        using var folder = OwnFiles.Folder();
        var plain = Read(folder.Path).Train;
        var data = Read(folder.Path, new ImageOptions { Normalization = new PixelNormalization([0.1, 0.2, 0.3], [0.5, 1, 2]) }).Train;
        var (before, after, moved) = (new float[plain.ImageLength], new float[plain.ImageLength], new float[plain.ImageLength]);

        plain.Gather([3], before);
        data.Gather([3], after);
        data.GatherAugmented([3], moved, seed: 1, epoch: 0);

        var plane = OwnFiles.Height * OwnFiles.Width;
        float[] means = [0.1f, 0.2f, 0.3f], deviations = [0.5f, 1, 2];
        Assert.Equal(before.Select((value, i) => (value - means[i / plane]) / deviations[i / plane]), after);
        Assert.All(moved.Select((value, i) => (value, i)), moved => Assert.True(
            moved.value == (0 - means[moved.i / plane]) / deviations[moved.i / plane] || after.AsSpan(moved.i / plane * plane, plane).Contains(moved.value)));
        Assert.Equal(plain.Sha256, data.Sha256);
    }

    [Fact]
    public void Normalization_ForOtherChannels_IsRefused()
    {
        using var folder = OwnFiles.Folder();
        var options = new ImageOptions { Grayscale = true, Normalization = new PixelNormalization([0, 0, 0], [1, 1, 1]) };

        Assert.Contains("--normalize", Assert.Throws<DataFileException>(() => Read(folder.Path, options)).Message, StringComparison.Ordinal);
    }

    private static DataSet Read(string path, ImageOptions? options = null) => OwnDataSets.Read(path, options ?? new ImageOptions(), null, TestContext.Current.CancellationToken);

    private static byte[] Planes(int sample) => Transpose(OwnFiles.Pixels(sample), OwnFiles.Height * OwnFiles.Width);

    private static byte[] Formula(int sample) => Transpose([.. Enumerable.Range(0, 90).Select(k => (byte)((7 * sample) + (11 * k)))], 30);

    private static byte[] Transpose(byte[] pixels_HWC, int plane) => [.. Enumerable.Range(0, pixels_HWC.Length).Select(i => pixels_HWC[(i % plane * 3) + (i / plane)])];

    private static IEnumerable<string> Samples(ILabelledImages images) =>
        [.. Enumerable.Range(0, images.Count).Select(i => $"{images.Labels[i]} {Convert.ToHexString(images.AsBytes().Pixels.Slice(i * images.ImageLength, images.ImageLength))}")];

    private static byte[] GreyPng()
    {
        using var bitmap = new SKBitmap(new SKImageInfo(OwnFiles.Width, OwnFiles.Height, SKColorType.Gray8, SKAlphaType.Opaque));
        using var data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    private static byte[] HugeBmp()
    {
        var file = new byte[54];
        ((ReadOnlySpan<byte>)[(byte)'B', (byte)'M', 54, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 0x30, 0x75, 0, 0, 0x30, 0x75, 0, 0, 1, 0, 24]).CopyTo(file);
        return file;
    }
}
