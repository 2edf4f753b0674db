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
            using var imageFile = new DataFileStream("images", new MemoryStream(Mutate(images, random)));
            using var labelFile = new DataFileStream("labels", new MemoryStream(Mutate(labels, random)));
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
            using var file = new DataFileStream("digits", new MemoryStream(Mutate(bytes, random)));
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

        var refused = Repeat(random => CifarReader.Read([folder.Write("train.bin", Mutate(train, random)), test], CifarLayout.Cifar100, description));

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
            var bytes = insideGzip ? SmallFiles.Gzip(Mutate(tar, random)) : Mutate(zipped, random);
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

    private static byte[] Mutate(byte[] original, Random random)
    {
        var bytes = original.ToList();
        for (var change = random.Next(4); change >= 0 && bytes.Count > 0; change--)
        {
            // Half of the changes hit the first bytes, where the headers are.
            var position = random.Next(random.Next(2) == 0 ? Math.Min(bytes.Count, 600) : bytes.Count);
            switch (random.Next(8))
            {
                case 0:
                    bytes.RemoveRange(position, bytes.Count - position);
                    break;
                case 1:
                    bytes.Insert(position, (byte)random.Next(256));
                    break;
                case 2:
                    bytes.RemoveAt(position);
                    break;
                case 3:
                    bytes[position] = 0xFF;
                    break;
                default:
                    bytes[position] ^= (byte)(1 << random.Next(8));
                    break;
            }
        }

        return [.. bytes];
    }
}
