using System.Buffers.Binary;
using System.Security.Cryptography;
using Lcnn.Distributed.Data.Catalog;
using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Data.Own;
using Lcnn.Distributed.UnitTests.Checkpoints;
using Parquet;
using SkiaSharp;

namespace Lcnn.Distributed.UnitTests.Data;

/// <summary>Sets packed into one file, and what is made of damaged ones.</summary>
public sealed class PackedSetTests : IDisposable
{
    private static readonly ImageOptions _normalized = new() { Normalization = new PixelNormalization([0.5, 0.4, 0.3], [0.25, 0.2, 0.1]) };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Pack_OfEveryForm_IsTheSameSetAsItsSource()
    {
        using var images = OwnFiles.Folder();
        _folder.Write("hub/train-0.parquet", await OwnFiles.ParquetAsync(OwnFiles.Rows(OwnFiles.TrainCount), CompressionMethod.Snappy));
        _folder.Write("hub/test-0.parquet", await OwnFiles.ParquetAsync(OwnFiles.Rows(OwnFiles.TestCount, 1000), CompressionMethod.None));
        string[] sources = [images.Path, _folder["hub"], _folder.Write("set.npz", OwnFiles.Npz(isPacked: true))];

        foreach (var (number, source) in sources.Index())
        {
            var packed = Pack(source, $"{number}.lcds", _normalized);

            AssertSame(Read(source, _normalized), packed);
            AssertSame(packed, Read(_folder[$"{number}.lcds"]));
        }

        Assert.Single(sources.Select((_, number) => Read(_folder[$"{number}.lcds"]).Sha256).Distinct());
    }

    [Fact]
    public void Pack_OfAFolderWithoutTest_SplitsAsTrainingDoes()
    {
        using var images = OwnFiles.Folder(train: "", test: null);
        var options = new ImageOptions { Split = 0.25, SplitSeed = 3, Size = (5, 5), Grayscale = true };

        AssertSame(Read(images.Path, options), Pack(images.Path, "split.lcds", options));
    }

    [Fact]
    public void Pack_OfGreyAndColourImages_MakesAllColour()
    {
        using var images = OwnFiles.Folder();
        using var grey = new SKBitmap(new SKImageInfo(OwnFiles.Width, OwnFiles.Height, SKColorType.Gray8, SKAlphaType.Opaque));
        grey.Erase(new SKColor(90, 90, 90));
        using var data = grey.Encode(SKEncodedImageFormat.Png, 100);
        images.Write("train/cat/000.png", data.ToArray());

        AssertSame(Read(images.Path), Pack(images.Path, "mixed.lcds"));
        Assert.Equal([_folder["mixed.lcds"]], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Pack_OfNumbers_KeepsThemAsTheyAre()
    {
        float[] values = [.. Enumerable.Range(0, 12 * 4).Select(i => (i / 7f) - 3)];
        var source = _folder.Write("numbers.npz", OwnFiles.Zip(false, new()
        {
            ["x_train"] = OwnFiles.Npy("<f4", [12, 2, 2], [.. values.SelectMany(BitConverter.GetBytes)]),
            ["y_train"] = OwnFiles.Npy("<i8", [12], [.. Enumerable.Range(0, 12).SelectMany(i => BitConverter.GetBytes((long)(i % 3)))]),
        }));
        var options = new ImageOptions { Split = 0.25 };

        AssertSame(Read(source, options), Pack(source, "numbers.lcds", options));
    }

    [Fact]
    public async Task Pack_OfANamedSet_KeepsItsScale()
    {
        var loader = new DataSetLoader();
        var packed = await new DataSetPacker(loader).PackAsync(new DataSetRequest(DataSetNames.Digits), _folder["digits.lcds"], null, TestContext.Current.CancellationToken);

        AssertSame(await loader.LoadAsync(DataSetNames.Digits, cancellationToken: TestContext.Current.CancellationToken), packed);
    }

    [Fact]
    public void Take_OfAPackedSet_IsWhatTheSourceWouldTake()
    {
        using var images = OwnFiles.Folder();
        var packed = Pack(images.Path, "set.lcds");

        var (wanted, got) = (Read(images.Path).Train.Take(7), packed.Train.Take(7));

        Assert.Equal(wanted.Sha256, got.Sha256);
        Assert.Equal(Gather(wanted), Gather(got));
    }

    [Fact]
    public void Gather_OnManyThreads_HasTheSameImages()
    {
        using var images = OwnFiles.Folder();
        var packed = Pack(images.Path, "set.lcds", new ImageOptions { Size = (300, 300) }); // several blocks, and images across their borders
        var wanted = Gather(Read(images.Path, new ImageOptions { Size = (300, 300) }).Train);

        Parallel.For(0, 16, _ => Assert.Equal(wanted, Gather(packed.Train)));
    }

    [Fact]
    public void Pack_OverWhatIsThere_IsRefusedAndLeavesIt()
    {
        using var images = OwnFiles.Folder();
        var there = _folder.Write("set.lcds", "mine"u8.ToArray());

        var refusal = Assert.Throws<DataFileException>(() => Pack(images.Path, "set.lcds"));

        Assert.Equal($"{there}: expected a name that is free, got a file. Remove it, or choose another name.", refusal.Message);
        Assert.Equal("mine", File.ReadAllText(there));
    }

    [Fact]
    public void Pack_OfBadImages_NamesThemAndLeavesNoFile()
    {
        using var images = OwnFiles.Folder();
        images.Write("train/cat/cut.png", OwnFiles.Encode(90)[..80]);
        images.Write("train/owl/small.png", OwnFiles.Encode(3, height: 3));

        var bad = Assert.Throws<DataFileException>(() => Pack(images.Path, "set.lcds"));
        var mixed = Assert.Throws<DataFileException>(() => Pack(images.Path, "set.lcds", new ImageOptions { SkipBad = true }));
        var packed = Pack(images.Path, "set.lcds", new ImageOptions { SkipBad = true, Size = (4, 4) });

        Assert.Contains("1 of 35 that cannot: train/cat/cut.png: cut short", bad.Message, StringComparison.Ordinal);
        Assert.Contains("of 6x7 and train/owl/small.png of 3x7", mixed.Message, StringComparison.Ordinal);
        Assert.Contains("1 of 35 images are left out", packed.LeftOut, StringComparison.Ordinal);
        Assert.Equal([_folder["set.lcds"]], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Pack_ThatIsCancelled_LeavesNoFile()
    {
        using var images = OwnFiles.Folder();
        using var cancel = new CancellationTokenSource();

        Assert.ThrowsAny<OperationCanceledException>(() => OwnDataSets.Pack(images.Path, new ImageOptions(), _folder["set.lcds"], new Progress(_ => cancel.Cancel()), cancel.Token));

        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Pack_OnADiskWithoutRoom_SaysSoAndLeavesNoFile()
    {
        using var disk = new SmallDisk("64k");
        using var images = OwnFiles.Folder();
        var options = new ImageOptions { Size = (64, 64) };

        var refusal = Assert.Throws<DataFileException>(() => OwnDataSets.Pack(images.Path, options, Path.Combine(disk.Path, "set.lcds"), null, TestContext.Current.CancellationToken));

        Assert.StartsWith($"{Path.Combine(disk.Path, "set.lcds")}: expected a file that can be written, got ", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(disk.Path));
    }

    [Theory]
    [InlineData("--image-size 5x5", "images of 6x7, as it was packed")]
    [InlineData("--grayscale", "images in colour, as it was packed")]
    [InlineData("--normalize 0.5/0.5", "the normalisation that it was packed with, 0.5,0.4,0.3/0.25,0.2,0.1")]
    [InlineData("--split 0.1 --split-seed 0", "the test part that it was packed with, of 9 images")]
    public void Read_WithOtherOptionsThanItWasPackedWith_IsRefused(string option, string expected)
    {
        var options = option switch
        {
            "--image-size 5x5" => new ImageOptions { Size = (5, 5) },
            "--grayscale" => new ImageOptions { Grayscale = true },
            "--normalize 0.5/0.5" => new ImageOptions { Normalization = new PixelNormalization([0.5], [0.5]) },
            _ => new ImageOptions { Split = 0.1 },
        };
        using var images = OwnFiles.Folder();
        Pack(images.Path, "set.lcds", _normalized);

        var refusal = Assert.Throws<DataFileException>(() => Read(_folder["set.lcds"], options));

        Assert.Contains($"expected {expected}", refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"got {option}.", refusal.Message, StringComparison.Ordinal);
        AssertSame(Read(_folder["set.lcds"]), Read(_folder["set.lcds"], _normalized with { Size = (6, 7) }));
    }

    [Fact]
    public void Read_OfAFileWithAnyByteChanged_IsRefusedByName()
    {
        var whole = Small();
        foreach (var at in Enumerable.Range(0, whole.Length).Where(i => i is < 64 or > 4000 || i % 97 == 0))
        {
            var changed = (byte[])whole.Clone();
            changed[at] ^= 0x10;

            var refusal = Assert.Throws<DataFileException>(() => Touch(_folder.Write("changed.lcds", changed)));

            Assert.StartsWith($"{_folder["changed.lcds"]}: expected ", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Read_OfAFileOfAnyOtherLength_IsRefusedByName()
    {
        var whole = Small();
        foreach (var length in Enumerable.Range(0, whole.Length).Where(i => i is < 20 or > 4050 || i % 111 == 0))
        {
            var refusal = Assert.Throws<DataFileException>(() => Touch(_folder.Write("cut.lcds", whole[..length])));

            Assert.Contains(length < 1 ? "does not begin as one" : "it is cut short", refusal.Message, StringComparison.Ordinal);
        }

        Assert.Contains("has bytes added", Assert.Throws<DataFileException>(() => Touch(_folder.Write("cut.lcds", [.. whole, 0]))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_OfANewerVersion_SaysSo()
    {
        var newer = Small();
        newer[8] = 2;
        SHA256.HashData(newer.AsSpan(0, 4064), newer.AsSpan(4064));

        var refusal = Assert.Throws<DataFileException>(() => Touch(_folder.Write("newer.lcds", newer)));

        Assert.Contains("expected version 1 of the format, got version 2: it is of a newer release", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_OfForgedIndexes_IsRefusedByName()
    {
        var whole = Small();
        var (start, random) = ((int)BinaryPrimitives.ReadInt64LittleEndian(whole.AsSpan(16)) + 4096, new Random(7));
        for (var round = 0; round < 400; round++)
        {
            var forged = (byte[])whole.Clone();
            for (var change = 0; change <= round % 3; change++)
            {
                forged[random.Next(start, round % 2 == 0 ? start + 400 : forged.Length)] = (byte)random.Next(256);
            }

            SHA256.HashData(forged.AsSpan(start), forged.AsSpan(32));
            SHA256.HashData(forged.AsSpan(0, 4064), forged.AsSpan(4064));
            try
            {
                Touch(_folder.Write("forged.lcds", forged));
            }
            catch (DataFileException refusal)
            {
                Assert.StartsWith(_folder["forged.lcds"], refusal.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Gather_OfAFileThatChangesInUse_TellsOrGoesOn()
    {
        using var images = OwnFiles.Folder();
        var data = Pack(images.Path, "set.lcds");
        var (path, before) = (_folder["set.lcds"], Gather(data.Train));

        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddMinutes(-1)); // touched, not changed
        Assert.Equal(before, Gather(data.Train));
        Write(path, file => file.Position = 4096 + 300, [1, 2, 3]);
        var changed = Assert.Throws<DataFileException>(() => Gather(data.Train));
        Write(path, file => file.SetLength(5000), []);
        var cut = Assert.Throws<DataFileException>(() => Gather(data.Train));

        Assert.Contains("of block 0 (bytes 4096 to ", changed.Message, StringComparison.Ordinal);
        Assert.Contains("it was changed or damaged since it was packed", changed.Message, StringComparison.Ordinal);
        Assert.Contains("it was cut short while it was in use", cut.Message, StringComparison.Ordinal);
    }

    private static void Write(string path, Action<FileStream> place, byte[] bytes)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        place(file);
        file.Write(bytes);
    }

    private byte[] Small()
    {
        using var images = OwnFiles.Folder();
        Pack(images.Path, "small.lcds");
        var bytes = File.ReadAllBytes(_folder["small.lcds"]);
        File.Delete(_folder["small.lcds"]);
        return bytes;
    }

    private static void Touch(string path)
    {
        var data = Read(path);
        Gather(data.Train);
        Gather(data.Test);
    }

    private DataSet Pack(string source, string name, ImageOptions? options = null) =>
        OwnDataSets.Pack(source, options ?? new ImageOptions(), _folder[name], null, TestContext.Current.CancellationToken);

    private static DataSet Read(string path, ImageOptions? options = null) =>
        OwnDataSets.Read(path, options ?? new ImageOptions(), null, TestContext.Current.CancellationToken);

    private static void AssertSame(DataSet expected, DataSet actual)
    {
        Assert.Equal(expected.Sha256, actual.Sha256);
        foreach (var (wanted, got) in new[] { (expected.Train, actual.Train), (expected.Test, actual.Test) })
        {
            Assert.Equal(wanted.Labels.ToArray(), got.Labels.ToArray());
            Assert.Equal(Gather(wanted), Gather(got));
        }
    }

    private static float[] Gather(ILabelledImages images)
    {
        var values = new float[images.Count * images.ImageLength];
        images.Gather([.. Enumerable.Range(0, images.Count)], values);
        return values;
    }

    private sealed class Progress(Action<int> report) : IProgress<int>
    {
        public void Report(int value) => report(value);
    }
}
