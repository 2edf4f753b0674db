using Lcnn.Distributed.Data.Catalog;
using Lcnn.Distributed.Data.Images;

namespace Lcnn.Distributed.UnitTests.Data;

public sealed class CifarReaderTests
{
    [Theory]
    [InlineData("cifar-10-batches-bin")]
    [InlineData("")]
    [InlineData("cifar10/cifar-10-batches-bin")]
    public async Task Cifar10_ExtractedFolder_IsReadInTheOrderOfBatches(string subfolder)
    {
        using var folder = new TemporaryFolder();
        foreach (var (name, bytes) in SmallFiles.Cifar10Set())
        {
            folder.Write(Path.Combine(subfolder, name), bytes);
        }

        var data = await LoadAsync("cifar10", folder);

        AssertIsCifar10(data);
    }

    [Fact]
    public async Task Cifar10_FilesZippedOneByOneOrPlainArchive_AreRead()
    {
        using var folder = new TemporaryFolder();
        using var archive = new TemporaryFolder();
        foreach (var (name, bytes) in SmallFiles.Cifar10Set())
        {
            folder.Write($"cifar-10-batches-bin/{name}.gz", SmallFiles.Gzip(bytes));
        }

        archive.Write("cifar-10-binary.tar", SmallFiles.Tar(SmallFiles.Cifar10Set(), "cifar-10-batches-bin"));

        AssertIsCifar10(await LoadAsync("cifar10", folder));
        AssertIsCifar10(await LoadAsync("cifar10", archive));
    }

    [Fact]
    public async Task Cifar10_ArchiveInAnyOrder_IsReadInTheOrderOfBatches()
    {
        using var folder = new TemporaryFolder();
        var members = SmallFiles.Cifar10Set().Reverse().Prepend(new("readme.html", [1, 2, 3]));
        folder.Write("cifar-10-binary.tar.gz", SmallFiles.Gzip(SmallFiles.Tar(members, "cifar-10-batches-bin")));

        var data = await LoadAsync("cifar10", folder);

        AssertIsCifar10(data);
    }

    [Fact]
    public async Task Cifar100_FolderAndArchive_GiveFineLabels()
    {
        using var folder = new TemporaryFolder();
        using var archive = new TemporaryFolder();
        var files = SmallFiles.Cifar100Set();
        files["train.bin"][0] = 19;
        files["train.bin"][1] = 99;
        foreach (var (name, bytes) in files)
        {
            folder.Write(name, bytes);
        }

        archive.Write("cifar-100-binary.tar.gz", SmallFiles.Gzip(SmallFiles.Tar(files, "cifar-100-binary")));

        var fromFolder = await LoadAsync("cifar100", folder);
        var fromArchive = await LoadAsync("cifar100", archive);

        Assert.Equal([99, 1, 2, 3], fromFolder.Train.Labels.ToArray());
        Assert.Equal((100, 3), (fromFolder.Test.Classes, fromFolder.Test.Count));
        Assert.Equal(SmallFiles.Noise(3 * SmallFiles.CifarPixels, seed: 2), fromFolder.Test.AsBytes().Pixels.ToArray());
        Assert.Equal(fromFolder.Sha256, fromArchive.Sha256);
    }

    private static void AssertIsCifar10(DataSet data)
    {
        Assert.Equal([0, 1, 0, 1, 0, 1, 0, 1, 0, 1], data.Train.Labels.ToArray());
        Assert.Equal(
            Enumerable.Range(1, 5).SelectMany(batch => SmallFiles.Noise(2 * SmallFiles.CifarPixels, batch)),
            data.Train.AsBytes().Pixels.ToArray());
        Assert.Equal(SmallFiles.Noise(2 * SmallFiles.CifarPixels, seed: 6), data.Test.AsBytes().Pixels.ToArray());
        Assert.Equal((3, 32, 32, 10), (data.Train.Channels, data.Train.Height, data.Train.Width, data.Train.Classes));
    }

    private static Task<DataSet> LoadAsync(string name, TemporaryFolder folder) =>
        new DataSetLoader().LoadAsync(name, folder.Path, cancellationToken: TestContext.Current.CancellationToken);
}
