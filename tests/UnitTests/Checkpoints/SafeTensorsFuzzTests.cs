using System.Buffers.Binary;
using System.Text;
using Lcnn.Distributed.Model.Checkpoints;

namespace Lcnn.Distributed.UnitTests.Checkpoints;

public sealed class SafeTensorsFuzzTests
{
    private const int Cases = 30_000;

    private static readonly string[] _fragments =
    [
        "{", "}", "[", "]", ",", ":", "\"", "0", "-1", "1e9", "9223372036854775807", "18446744073709551616", "null", "true", "\"F32\"",
        "\"shape\"", "\"dtype\"", "\"data_offsets\"", "\"__metadata__\"", "\\ud800", "\\u0000", "\0", "\u00e9", "//", " ", "[[[[", "{\"a\":",
    ];

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
        if (random.Next(50) == 0)
        {
            var noise = new byte[random.Next(64)];
            random.NextBytes(noise);
            return noise;
        }

        var bytes = original.ToList();
        for (var edits = random.Next(1, 4); edits > 0 && bytes.Count > 0; edits--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 6), bytes.Count - at));
                    break;
                case 3:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(_fragments[random.Next(_fragments.Length)]));
                    break;
                case 4:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 40), bytes.Count - at)));
                    break;
                default:
                    bytes[at] = (byte)"0123456789"[random.Next(10)];
                    break;
            }
        }

        var result = bytes.ToArray();
        if (result.Length >= 8 && random.Next(2) == 0)
        {
            // a header length that fits again lets the edit reach the parser
            var shift = result.Length - original.Length;
            BinaryPrimitives.WriteInt64LittleEndian(result, BinaryPrimitives.ReadInt64LittleEndian(original) + shift);
        }

        return result;
    }
}
