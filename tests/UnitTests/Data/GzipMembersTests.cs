using Lcnn.Distributed.Data.Catalog;
using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Data.Named;

namespace Lcnn.Distributed.UnitTests.Data;

/// <summary>Files that pigz, bgzip or cat made of several gzip members.</summary>
public sealed class GzipMembersTests
{
    private static readonly byte[] _content = SmallFiles.Noise(300_000, seed: 3);

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    public async Task Load_EveryReader_TakesSeveralMembers(int members)
    {
        using var idx = new TemporaryFolder();
        using var cifar = new TemporaryFolder();
        foreach (var (name, bytes) in SmallFiles.IdxSet(zipped: false))
        {
            idx.Write(name + ".gz", Members(bytes, members));
        }

        cifar.Write("cifar-10-binary.tar.gz", Members(SmallFiles.Tar(SmallFiles.Cifar10Set(), "cifar-10-batches-bin"), members));

        var (mnist, cifar10) = (await LoadAsync("mnist", idx), await LoadAsync("cifar10", cifar));
        using var csv = Stream(Members(SmallFiles.Csv(20), members));

        Assert.Equal(SmallFiles.Noise(6 * 784, seed: 1), mnist.Train.AsBytes().Pixels.ToArray());
        Assert.Equal(10, cifar10.Train.Count);
        Assert.Equal(20, DigitsReader.Read(csv).Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8191)]
    [InlineData(8192)]
    [InlineData(65_536)]
    [InlineData(299_999)]
    public void ReadToEnd_MembersOfAnySize_GivesWhatWasPacked(int first)
    {
        using var file = Stream([.. SmallFiles.Gzip(_content[..first]), .. SmallFiles.Gzip(_content[first..])]);

        Assert.Equal(_content, file.ReadToEnd(1 << 20, "bytes"));
    }

    [Fact]
    public void ReadToEnd_EmptyMemberAtTheEndAsBgzipWrites_IsNoDamage()
    {
        // a BGZF block that ends a file: the field BC, size 27
        byte[] end = [0x1F, 0x8B, 8, 4, 0, 0, 0, 0, 0, 0xFF, 6, 0, 0x42, 0x43, 2, 0, 0x1B, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        using var file = Stream([.. SmallFiles.Gzip(_content), .. end]);

        Assert.Equal(_content, file.ReadToEnd(1 << 20, "bytes"));
    }

    [Theory]
    [InlineData("cut in the first member")]
    [InlineData("cut in the second member")]
    [InlineData("cut in the last trailer")]
    [InlineData("text added")]
    [InlineData("half a header added")]
    [InlineData("changed check sum of the second")]
    public void ReadToEnd_DamagedMembers_AreNamed(string damage)
    {
        byte[] one = SmallFiles.Gzip(_content[..100_000]), two = SmallFiles.Gzip(_content[100_000..]);
        byte[] bytes = damage switch
        {
            "cut in the first member" => [.. one[..^4000], .. two],
            "cut in the second member" => [.. one, .. two[..^4000]],
            "cut in the last trailer" => [.. one, .. two[..^3]],
            "text added" => [.. one, .. two, .. "and more"u8],
            "half a header added" => [.. one, .. two, 0x1F, 0x8B, 8],
            _ => [.. one, .. two[..^8], (byte)~two[^8], .. two[^7..]],
        };
        using var file = Stream(bytes);

        Assert.Throws<DataFileException>(() => file.ReadToEnd(1 << 20, "bytes"));
    }

    private static byte[] Members(byte[] bytes, int count) =>
        [.. bytes.Chunk((bytes.Length / count) + 1).SelectMany(SmallFiles.Gzip)];

    private static DataFileStream Stream(byte[] bytes) => new("file.gz", new MemoryStream(bytes));

    private static Task<DataSet> LoadAsync(string name, TemporaryFolder folder) =>
        new DataSetLoader().LoadAsync(name, folder.Path, cancellationToken: TestContext.Current.CancellationToken);
}
