using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Data.Pickle;
using Lcnn.Distributed.UnitTests.Checkpoints;

namespace Lcnn.Distributed.UnitTests.Exchange;

/// <summary>Damaged files of torch.save, archive and pickle alike.</summary>
public sealed class StateDictFuzzTests
{
    private const long MostBytes = 4 << 20; // of a file of 3 KB; its buffers included

    private static int Cases => TestTier.IsLong ? 100_000 : 10_000;

    [Theory]
    [InlineData("zip.pt", 1)]
    [InlineData("legacy.pt", 2)]
    [InlineData("protocol4.pt", 3)]
    [InlineData("checkpoint.pt", 4)]
    public void Read_MutatedFile_SucceedsOrIsRefusedInLittleMemory(string name, int seed) => Check(File.ReadAllBytes(StateDictTests.Fixture(name)), seed, bytes => bytes);

    [Theory]
    [InlineData("zip.pt", 5)]
    [InlineData("checkpoint.pt", 6)]
    public void Read_MutatedPickleInAWholeArchive_SucceedsOrIsRefusedInLittleMemory(string name, int seed)
    {
        using var archive = System.IO.Compression.ZipFile.OpenRead(StateDictTests.Fixture(name));
        var entries = archive.Entries.Select(entry =>
        {
            using var stream = entry.Open();
            using var content = new MemoryStream();
            stream.CopyTo(content);
            return (Name: entry.FullName, Content: content.ToArray());
        }).ToList();
        var pickle = entries.Single(entry => entry.Name.EndsWith("data.pkl", StringComparison.Ordinal));
        entries.Remove(pickle);

        Check(pickle.Content, seed, bytes => StateDictTests.Archive([(pickle.Name, bytes), .. entries]));
    }

    private static void Check(byte[] original, int seed, Func<byte[], byte[]> wrap)
    {
        var random = new Random(seed);
        var (accepted, refused) = (0, 0);
        for (var i = 0; i < Cases; i++)
        {
            var bytes = wrap(Mutation.Of(original, random));
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                StateDict.Read(new MemoryStream(bytes), "fuzz");
                accepted++;
            }
            catch (CheckpointException)
            {
                refused++;
            }
            catch (Exception problem)
            {
                Assert.Fail($"case {i} of seed {seed}: {problem.GetType().Name} ({problem.Message}) on {Convert.ToHexString(bytes)}");
            }

            var taken = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(taken < MostBytes, $"case {i} of seed {seed} took {taken} bytes: {Convert.ToHexString(bytes)}");
        }

        Assert.InRange(accepted, 10, Cases);
        Assert.InRange(refused, 100, Cases);
    }
}
