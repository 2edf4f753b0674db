using Lcnn.Distributed.Data.Catalog;
using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Named;

namespace Lcnn.Distributed.UnitTests.Data;

/// <summary>Bytes changed at random either load or give a DataFileException; any other exception fails the test.</summary>
public sealed class MutatedFileTests
{
    private const int Rounds = 400;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Idx_MutatedBytes_LoadOrAreRefused(bool zipped)
    {
        var images = SmallFiles.IdxImages(3);
        var labels = SmallFiles.IdxLabels(3);
        if (zipped)
        {
            (images, labels) = (SmallFiles.Gzip(images), SmallFiles.Gzip(labels));
        }

        var refused = Repeat(random =>
        {
            using var imageFile = new DataFileStream("images", new MemoryStream(Mutation.Of(images, random)));
            using var labelFile = new DataFileStream("labels", new MemoryStream(Mutation.Of(labels, random)));
            IdxReader.Read(imageFile, labelFile, DataSetCatalog.Find("mnist"));
        });

        Assert.InRange(refused, Rounds / 4, Rounds);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Csv_MutatedBytes_LoadOrAreRefused(bool zipped)
    {
        var bytes = zipped ? SmallFiles.Gzip(SmallFiles.Csv(20)) : SmallFiles.Csv(20);

        var refused = Repeat(random =>
        {
            using var file = new DataFileStream("digits", new MemoryStream(Mutation.Of(bytes, random)));
            DigitsReader.Read(file);
        });

        Assert.InRange(refused, Rounds / 4, Rounds);
    }

    [Fact]
    public void CifarFile_MutatedBytes_LoadsOrIsRefused()
    {
        using var folder = new TemporaryFolder();
        var description = DataSetCatalog.Find("cifar100");
        var (train, test) = (SmallFiles.Cifar(2, 2, seed: 1), folder.Write("test.bin", SmallFiles.Cifar(2, 2, seed: 2)));

        var refused = Repeat(random => CifarReader.Read([folder.Write("train.bin", Mutation.Of(train, random)), test], CifarLayout.Cifar100, description));

        Assert.InRange(refused, Rounds / 10, Rounds);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void CifarArchive_MutatedBytes_LoadsOrIsRefused(bool insideGzip)
    {
        using var folder = new TemporaryFolder();
        var description = DataSetCatalog.Find("cifar100");
        var tar = SmallFiles.Tar(
            [new("train.bin", SmallFiles.Cifar(1, 2, seed: 1)), new("test.bin", SmallFiles.Cifar(1, 2, seed: 2))], "cifar-100-binary");
        var zipped = SmallFiles.Gzip(tar);

        var refused = Repeat(random =>
        {
            var bytes = insideGzip ? SmallFiles.Gzip(Mutation.Of(tar, random)) : Mutation.Of(zipped, random);
            CifarReader.Read([folder.Write("cifar-100-binary.tar.gz", bytes)], CifarLayout.Cifar100, description);
        });

        Assert.InRange(refused, Rounds / 10, Rounds);
    }

    private static int Repeat(Action<Random> round)
    {
        var refused = 0;
        for (var seed = 0; seed < Rounds; seed++)
        {
            try
            {
                round(new Random(seed));
            }
            catch (DataFileException)
            {
                refused++;
            }
        }

        return refused;
    }
}
