using Lcnn.Distributed.Data.Decoding;
using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Data.Numpy;
using Lcnn.Distributed.Data.Own;
using Parquet;

namespace Lcnn.Distributed.UnitTests.Data;

/// <summary>A user's own files, changed at random, either are a set or give a DataFileException, without memory beyond what lies in them; any other exception fails the test.</summary>
public sealed class MutatedImagesTests
{
    private const long LargestAllocation = 64 << 20;

    private static readonly int _rounds = TestTier.IsLong ? 5_000 : 250;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Npz_Mutated_IsReadOrRefused(bool isPacked) => Repeat("file.npz", OwnFiles.Npz(isPacked), atLeast: 0.4);

    [Theory]
    [InlineData(CompressionMethod.None)]
    [InlineData(CompressionMethod.Snappy)]
    [InlineData(CompressionMethod.Gzip)]
    public async Task Parquet_Mutated_IsReadOrRefused(CompressionMethod packing) => Repeat(
        "file.parquet", await OwnFiles.ParquetAsync(OwnFiles.Rows(12), packing, rowsOfGroup: 5), new ImageOptions { Split = 0.3 }, atLeast: 0.3);

    [Theory]
    [InlineData("plain.mat")]
    [InlineData("packed.mat")]
    public void Mat_Mutated_IsReadOrRefused(string name) => Repeat(
        name, File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Data", "Pictures", name)), new ImageOptions { Split = 0.4 }, atLeast: 0.3);

    [Theory, MemberData(nameof(PillowTests.Names), MemberType = typeof(PillowTests))]
    public void Image_Mutated_IsDecodedOrRefused(string name)
    {
        using var file = new NpzFile(Path.Combine(AppContext.BaseDirectory, "Data", "Pictures", "pictures.npz"));
        var bytes = file.Read($"{name}:file").Data;
        for (var seed = 0; seed < _rounds; seed++)
        {
            try
            {
                ImageDecoder.Decode(Mutation.Of(bytes, new Random(seed)));
            }
            catch (BadImageException exception)
            {
                Assert.NotEmpty(exception.Message);
            }
        }
    }

    private static void Repeat(string name, byte[] original, ImageOptions? options = null, double atLeast = 0)
    {
        using var folder = new TemporaryFolder();
        var refused = 0;
        for (var seed = 0; seed < _rounds; seed++)
        {
            var path = folder.Write(name, Mutation.Of(original, new Random(seed)));
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                OwnDataSets.Read(path, options ?? new ImageOptions(), null, TestContext.Current.CancellationToken);
            }
            catch (DataFileException exception)
            {
                Assert.StartsWith(path, exception.Message, StringComparison.Ordinal);
                refused++;
            }

            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < LargestAllocation, $"seed {seed} took {GC.GetAllocatedBytesForCurrentThread() - before} bytes");
        }

        Assert.InRange(refused, (int)(atLeast * _rounds), _rounds);
    }
}
