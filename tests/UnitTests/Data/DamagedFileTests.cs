using System.Buffers.Binary;
using System.Text;
using Lcnn.Distributed.Data.Catalog;
using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Named;

namespace Lcnn.Distributed.UnitTests.Data;

public sealed class DamagedFileTests
{
    private const string Images = "train-images-idx3-ubyte";
    private const string Labels = "t10k-labels-idx1-ubyte";
    private const string Archive = "cifar-10-binary.tar.gz";

    private static readonly Dictionary<string, (string File, Func<byte[], byte[]> Damage)> _kinds = new()
    {
        ["images: first byte"] = (Images, bytes => Set(bytes, 0, 1)),
        ["images: element type"] = (Images, bytes => Set(bytes, 2, 0x0D)),
        ["images: rank"] = (Images, bytes => Set(bytes, 3, 1)),
        ["images: empty file"] = (Images, _ => []),
        ["images: cut in the header"] = (Images, bytes => bytes[..9]),
        ["images: cut in the pixels"] = (Images, bytes => bytes[..^1]),
        ["images: trailing byte"] = (Images, bytes => [.. bytes, 0]),
        ["images: one less than labels"] = (Images, _ => SmallFiles.IdxImages(5)),
        ["images: no samples"] = (Images, bytes => SetSize(bytes, 0, 0)),
        ["images: no rows"] = (Images, bytes => SetSize(bytes, 1, 0)),
        ["images: other shape"] = (Images, _ => SmallFiles.Idx([6, 14, 56], new byte[6 * 784])),
        ["images: absurd count"] = (Images, bytes => SetSize(bytes, 0, uint.MaxValue)),
        ["images: absurd width"] = (Images, bytes => SetSize(bytes, 2, uint.MaxValue)),
        ["labels: rank of images"] = (Labels, bytes => Set(bytes, 3, 3)),
        ["labels: out of range"] = (Labels, bytes => Set(bytes, 9, 10)),
        ["labels: cut"] = (Labels, bytes => bytes[..^1]),
        ["labels: trailing byte"] = (Labels, bytes => [.. bytes, 0]),
        ["labels: absurd count"] = (Labels, bytes => SetSize(bytes, 0, 2_000_000_000)),
        ["labels: no samples"] = (Labels, bytes => SetSize(bytes, 0, 0)[..8]),
        ["gzip: cut in the middle"] = (Images + ".gz", bytes => bytes[..(bytes.Length / 2)]),
        ["gzip: cut in the header"] = (Images + ".gz", bytes => bytes[..9]),
        ["gzip: without its trailer"] = (Images + ".gz", bytes => bytes[..^8]),
        ["gzip: cut in its trailer"] = (Images + ".gz", bytes => bytes[..^3]),
        ["gzip: wrong check sum"] = (Images + ".gz", bytes => Set(bytes, bytes.Length - 8, (byte)~bytes[^8])),
        ["gzip: wrong length"] = (Images + ".gz", bytes => Set(bytes, bytes.Length - 4, (byte)~bytes[^4])),
        ["gzip: a flipped byte"] = (Images + ".gz", bytes => Set(bytes, bytes.Length / 2, (byte)~bytes[bytes.Length / 2])),
        ["gzip: bytes added"] = (Images + ".gz", bytes => [.. bytes, 1, 2, 3, 4]),
        ["gzip: a text instead"] = (Images + ".gz", _ => "<html>404 Not Found</html>"u8.ToArray()),
        ["gzip: trailing byte inside"] = (Labels + ".gz", _ => SmallFiles.Gzip([.. SmallFiles.IdxLabels(4), 0])),
        ["gzip: absurd count inside"] = (Labels + ".gz", _ => SmallFiles.Gzip(SetSize(SmallFiles.IdxLabels(4), 0, 2_000_000_000))),
        ["gzip: large count inside"] = (Labels + ".gz", _ => SmallFiles.Gzip(SetSize(SmallFiles.IdxLabels(4), 0, 5_000))),
        ["cifar10: cut"] = ("data_batch_3.bin", bytes => bytes[..^1]),
        ["cifar10: trailing byte"] = ("test_batch.bin", bytes => [.. bytes, 0]),
        ["cifar10: empty"] = ("data_batch_1.bin", _ => []),
        ["cifar10: label"] = ("data_batch_5.bin", bytes => Set(bytes, 1 + SmallFiles.CifarPixels, 10)),
        ["cifar100: coarse label"] = ("train.bin", bytes => Set(bytes, 0, 20)),
        ["cifar100: fine label"] = ("test.bin", bytes => Set(bytes, 1, 100)),
        ["cifar100: cut"] = ("test.bin", bytes => bytes[..^1]),
        ["tar: empty"] = (Archive, _ => []),
        ["tar: not gzip"] = (Archive, _ => Encoding.ASCII.GetBytes(new string('x', 2000))),
        ["tar: cut"] = (Archive, bytes => bytes[..(bytes.Length / 2)]),
        ["tar: a flipped byte"] = (Archive, bytes => Set(bytes, bytes.Length / 3, (byte)~bytes[bytes.Length / 3])),
        ["tar: not a tar"] = (Archive, _ => SmallFiles.Gzip(SmallFiles.Noise(5000, seed: 3))),
        ["tar: no check sum"] = (Archive, _ => SmallFiles.Gzip(
            Set(SmallFiles.Tar(SmallFiles.Cifar10Set(), "cifar-10-batches-bin"), 0, (byte)'x'))),
        ["tar: pixels changed"] = (Archive, bytes => Set(bytes, bytes.Length - 8, (byte)~bytes[^8])),
        ["tar: a member missing"] = (Archive, _ => SmallFiles.Gzip(SmallFiles.Tar(SmallFiles.Cifar10Set().Skip(1), "x"))),
        ["tar: a member cut"] = (Archive, _ => SmallFiles.Gzip(SmallFiles.Tar(
            SmallFiles.Cifar10Set().Select(file => KeyValuePair.Create(file.Key, file.Value[..^1])), "x"))),
        ["tar: a member's size"] = (Archive, _ => SmallFiles.Gzip(
            Set(SmallFiles.Tar(SmallFiles.Cifar10Set(), "cifar-10-batches-bin"), 124, (byte)'7'))),
        ["csv: no number"] = ("digits.csv", bytes => Set(bytes, 0, (byte)'x')),
        ["csv: sign"] = ("digits.csv", bytes => Set(bytes, 0, (byte)'-')),
        ["csv: byte beyond ASCII"] = ("digits.csv", bytes => Set(bytes, 0, 0xFF)),
        ["csv: value out of range"] = ("digits.csv", bytes => [(byte)'9', .. bytes]),
        ["csv: column too many"] = ("digits.csv", bytes => [(byte)'1', (byte)',', .. bytes]),
        ["csv: column too few"] = ("digits.csv", bytes => bytes[2..]),
        ["csv: label out of range"] = ("digits.csv", bytes => [.. bytes[..^1], (byte)'0', (byte)'0', (byte)'\n']),
        ["csv: cut in a line"] = ("digits.csv", bytes => bytes[..^10]),
        ["csv: empty"] = ("digits.csv", _ => []),
        ["csv: gzip cut"] = ("digits.csv", bytes => SmallFiles.Gzip(bytes)[..^20]),
    };

    public static TheoryData<string> Kinds => [.. _kinds.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Damage_OfAnyKind_IsOneErrorThatNamesTheFile(string kind)
    {
        var (file, damage) = _kinds[kind];
        using var folder = new TemporaryFolder();
        var (name, files) = SetWith(file);
        files[file] = damage(files[file]);
        foreach (var (path, bytes) in files)
        {
            folder.Write(path, bytes);
        }

        var exception = await Assert.ThrowsAsync<DataFileException>(() => LoadAsync(name, folder));

        Assert.StartsWith(folder[file], exception.Path, StringComparison.Ordinal);
        Assert.All(
            [exception.Path, exception.Expected, exception.Got, exception.Advice],
            part => Assert.Contains(part, exception.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task File_ThatIsAFolder_IsReportedAsMissing()
    {
        using var folder = new TemporaryFolder();
        foreach (var (path, bytes) in SmallFiles.IdxSet(zipped: false).Where(file => file.Key != Images))
        {
            folder.Write(path, bytes);
        }

        Directory.CreateDirectory(folder[Images]);

        var exception = await Assert.ThrowsAsync<DataFileException>(() => LoadAsync("mnist", folder));

        Assert.Contains($"without {Images}.gz", exception.Got, StringComparison.Ordinal);
    }

    [Fact]
    public void Header_ThatClaimsGigabytes_AllocatesNoMoreThanTheFileHolds()
    {
        var zipped = SmallFiles.Gzip(SetSize([.. SmallFiles.IdxLabels(1), .. SmallFiles.Noise(3 << 20, seed: 1)], 0, 2_000_000_000));
        using var images = new DataFileStream("images", new MemoryStream(SmallFiles.IdxImages(1)));
        using var labels = new DataFileStream("labels", new MemoryStream(zipped));
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<DataFileException>(() => IdxReader.Read(images, labels, DataSetCatalog.Find("mnist")));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 << 20);
    }

    [Theory]
    [InlineData('x')]
    [InlineData('g')]
    [InlineData('L')]
    [InlineData('0')]
    public void Archive_WhoseMemberClaimsGigabytes_AllocatesNoMoreThanTheFileHolds(char type)
    {
        using var folder = new TemporaryFolder();
        var tar = SmallFiles.Tar(SmallFiles.Cifar10Set(), "cifar-10-batches-bin");
        "13576543210"u8.CopyTo(tar.AsSpan(124));
        tar[156] = (byte)type;
        "        "u8.CopyTo(tar.AsSpan(148));
        var sum = tar.AsSpan(0, 512).ToArray().Sum(value => value);
        Encoding.ASCII.GetBytes($"{Convert.ToString(sum, 8).PadLeft(6, '0')}\0 ").CopyTo(tar, 148);
        var path = folder.Write(Archive, SmallFiles.Gzip(tar));
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<DataFileException>(() => CifarReader.Read([path], CifarLayout.Cifar10, DataSetCatalog.Find("cifar10")));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 << 20);
    }

    private static (string Name, Dictionary<string, byte[]> Files) SetWith(string file) => file switch
    {
        Archive => ("cifar10", new() { [Archive] = SmallFiles.Gzip(SmallFiles.Tar(SmallFiles.Cifar10Set(), "cifar-10-batches-bin")) }),
        "digits.csv" => ("digits", new() { [file] = SmallFiles.Csv(12) }),
        "train.bin" or "test.bin" => ("cifar100", SmallFiles.Cifar100Set()),
        _ when file.EndsWith(".bin", StringComparison.Ordinal) => ("cifar10", SmallFiles.Cifar10Set()),
        _ => ("mnist", SmallFiles.IdxSet(file.EndsWith(".gz", StringComparison.Ordinal))),
    };

    private static async Task LoadAsync(string name, TemporaryFolder folder)
    {
        if (name == "digits")
        {
            using var file = DataFileStream.Open(folder["digits.csv"]);
            DigitsReader.Read(file);
            return;
        }

        await new DataSetLoader().LoadAsync(name, folder.Path, cancellationToken: TestContext.Current.CancellationToken);
    }

    private static byte[] Set(byte[] bytes, int position, byte value)
    {
        bytes[position] = value;
        return bytes;
    }

    private static byte[] SetSize(byte[] bytes, int dimension, uint size)
    {
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4 + (4 * dimension)), size);
        return bytes;
    }
}
