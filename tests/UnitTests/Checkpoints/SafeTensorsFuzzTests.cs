using System.Buffers.Binary;
using Lcnn.Distributed.Data.Checkpoints;

namespace Lcnn.Distributed.UnitTests.Checkpoints;

public sealed class SafeTensorsFuzzTests
{
    private static int Cases => TestTier.IsLong ? 100_000 : 30_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Read_MutatedFile_SucceedsOrIsRefusedAndNothingElse(int seed)
    {
        var random = new Random(seed);
        var seeds = new[]
        {
            Samples.Bytes(Samples.Tensors()),
            Samples.Raw("""{"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]}}""", 4),
        };
        var (accepted, refused) = (0, 0);

        for (var i = 0; i < Cases; i++)
        {
            var bytes = Mutate(seeds[i % seeds.Length], random);
            Stream stream = random.Next(2) == 0 ? new MemoryStream(bytes) : new ForwardStream(bytes);
            try
            {
                SafeTensorsFile.Read(stream, "fuzz");
                accepted++;
            }
            catch (CheckpointException)
            {
                refused++;
            }
            catch (Exception problem)
            {
                Assert.Fail($"case {i} of seed {seed}: {problem.GetType().Name} on {Convert.ToHexString(bytes)}");
            }
        }

        Assert.InRange(accepted, 100, Cases);
        Assert.InRange(refused, 100, Cases);
    }

    private static byte[] Mutate(byte[] original, Random random)
    {
        var result = Mutation.Of(original, random);
        if (result.Length >= 8 && random.Next(2) == 0)
        {
            // a header length that fits again lets the edit reach the parser
            var shift = result.Length - original.Length;
            BinaryPrimitives.WriteInt64LittleEndian(result, BinaryPrimitives.ReadInt64LittleEndian(original) + shift);
        }

        return result;
    }
}
