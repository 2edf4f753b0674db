using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Lcnn.Distributed.Data.Checkpoints;

namespace Lcnn.Distributed.UnitTests.Checkpoints;

public sealed class SnapshotFuzzTests : IDisposable
{
    private const string BeforeHash = ",\n  \"sha256\"";

    // Three buffers of 64 KB, and some copies of files of a few KB.
    private const long AllocationBound = 512 * 1024;

    private readonly TemporaryFolder _root = new();

    private static int Cases => TestTier.IsLong ? 100_000 : 3_000;

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Parse_MutatedState_SucceedsOrIsRefusedAndNothingElse()
    {
        var original = File.ReadAllBytes(Path.Combine(Write(), SnapshotFiles.State));
        var random = new Random(1);
        var (accepted, refused) = (0, 0);

        for (var i = 0; i < Cases; i++)
        {
            var bytes = Mutation.Of(original, random);
            // under its own right hash more often than not, so that the edit reaches the parser
            if (random.Next(4) != 0)
            {
                bytes = Reseal(bytes);
            }

            Try(() => SnapshotState.Parse(bytes, "fuzz"), $"case {i}: {Convert.ToHexString(bytes)}", ref accepted, ref refused);
        }

        Assert.InRange(accepted, Cases / 100, Cases);
        Assert.InRange(refused, Cases / 100, Cases);
    }

    [Fact]
    public void Read_FolderWithAMutatedFile_SucceedsOrIsRefusedAndNothingElse()
    {
        var folder = Write();
        var files = new[] { SnapshotFiles.Model, SnapshotFiles.Optimizer, SnapshotFiles.State }
            .ToDictionary(name => name, name => File.ReadAllBytes(Path.Combine(folder, name)));
        var random = new Random(2);
        var (accepted, refused) = (0, 0);
        SnapshotReader.Read(folder);

        for (var i = 0; i < Cases; i++)
        {
            var name = files.Keys.ElementAt(random.Next(files.Count));
            var bytes = Mutation.Of(files[name], random);
            var state = files[SnapshotFiles.State];
            if (name == SnapshotFiles.State)
            {
                state = random.Next(4) == 0 ? bytes : Reseal(bytes);
            }
            else if (random.Next(4) != 0)
            {
                bytes = FitHeader(bytes, files[name].Length);
                state = Describe(state, name, bytes);
            }

            File.WriteAllBytes(Path.Combine(folder, name), bytes);
            File.WriteAllBytes(Path.Combine(folder, SnapshotFiles.State), state);
            Try(() => SnapshotReader.Read(folder), $"case {i}, {name}: {Convert.ToHexString(bytes)}", ref accepted, ref refused);
            File.WriteAllBytes(Path.Combine(folder, name), files[name]);
        }

        Assert.InRange(accepted, Cases / 100, Cases);
        Assert.InRange(refused, Cases / 100, Cases);
    }

    private static void Try(Action read, string what, ref int accepted, ref int refused)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            read();
            accepted++;
        }
        catch (CheckpointException)
        {
            refused++;
        }
        catch (Exception problem)
        {
            Assert.Fail($"{problem.GetType().Name} on {what}");
        }

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < AllocationBound, $"too much memory on {what}");
    }

    // The ending that state.json must have, over whatever comes before it.
    private static byte[] Reseal(byte[] state)
    {
        var end = state.AsSpan().LastIndexOf(Encoding.ASCII.GetBytes(BeforeHash));
        return Seal(end < 0 ? state : state[..end]);
    }

    private static byte[] Seal(byte[] body) =>
        [.. body, .. Encoding.ASCII.GetBytes($"{BeforeHash}: \"{Convert.ToHexStringLower(SHA256.HashData(body))}\"\n}}\n")];

    // A header length that fits again lets an edit of the header reach its parser.
    private static byte[] FitHeader(byte[] bytes, int originalLength)
    {
        if (bytes.Length >= sizeof(long))
        {
            var length = BinaryPrimitives.ReadInt64LittleEndian(bytes);
            if (length is > 0 and < 1 << 20)
            {
                BinaryPrimitives.WriteInt64LittleEndian(bytes, length + bytes.Length - originalLength);
            }
        }

        return bytes;
    }

    // A state that vouches for the changed file.
    private static byte[] Describe(byte[] state, string name, byte[] bytes)
    {
        var json = JsonNode.Parse(state)!.AsObject();
        json["files"]![name] = new JsonObject { ["bytes"] = bytes.Length, ["sha256"] = Convert.ToHexStringLower(SHA256.HashData(bytes)) };
        if (name == SnapshotFiles.Model && TryHash(bytes) is { } weights)
        {
            json["weightsSha256"] = weights;
        }

        json.Remove("sha256");
        var body = json.ToJsonString();
        return Seal(Encoding.UTF8.GetBytes(body[..^1]));
    }

    private static string? TryHash(byte[] model)
    {
        try
        {
            return WeightsHash.Compute(SafeTensorsFile.Read(new MemoryStream(model), "fuzz").Tensors.Values);
        }
        catch (CheckpointException)
        {
            return null;
        }
    }

    private string Write() => _root[SnapshotWriter.Write(_root.Path, Samples.Content(step: 1)).ToString()];
}
