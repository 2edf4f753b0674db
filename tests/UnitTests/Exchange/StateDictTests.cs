using System.Text;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Data.Pickle;
using Lcnn.Distributed.UnitTests.Golden;

namespace Lcnn.Distributed.UnitTests.Exchange;

/// <summary>Files that torch.save wrote (make_fixtures.py), and ones that it would never write.</summary>
public sealed class StateDictTests
{
    [Theory]
    [InlineData("zip.pt")]
    [InlineData("legacy.pt")]
    [InlineData("protocol4.pt")]
    public void Read_FileOfTorch_HasEveryTypeAndViewToTheBit(string name)
    {
        var read = StateDict.Read(Fixture(name));

        Assert.Equal([2, 3, 4, 5, 6, 7], Values<float>(read, "float32", 2, 3));
        Assert.Equal([0, 6, 12, 18, 1, 7, 13, 19, 2, 8, 14, 20, 3, 9, 15, 21, 4, 10, 16, 22, 5, 11, 17, 23], Values<float>(read, "transposed", 6, 4));
        Assert.Equal([1, 3, 5, 13, 15, 17], Values<float>(read, "strided", 2, 3));
        Assert.Equal([3.5f], Values<float>(read, "scalar"));
        Assert.Empty(Values<float>(read, "empty", 0, 3));
        Assert.Equal([1, 1.0 / 3], Values<double>(read, "float64", 2));
        Assert.Equal(ElementType.F16, read.Tensors["float16"].DType);
        Assert.Equal("00 3C 00 38 FF FB".Replace(" ", "", StringComparison.Ordinal), Convert.ToHexString(read.Tensors["float16"].Data.Span));
        Assert.Equal(ElementType.BF16, read.Tensors["bfloat16"].DType);
        Assert.Equal("803F20C0", Convert.ToHexString(read.Tensors["bfloat16"].Data.Span));
        Assert.Equal([-1, 1L << 40], Values<long>(read, "int64", 2));
        Assert.Equal(ElementType.BOOL, read.Tensors["bool"].DType);
        Assert.Equal("0100", Convert.ToHexString(read.Tensors["bool"].Data.Span));
        Assert.Equal([0, 1, 2, 3], Values<float>(read, "parameter", 4));
        Assert.Equal(11, read.Tensors.Count);
        Assert.Empty(read.Notes);
    }

    [Fact]
    public void Read_CheckpointOfDataParallel_FindsItsStateDictAndSaysSo()
    {
        var read = StateDict.Read(Fixture("checkpoint.pt"));

        Assert.Equal([1, 2, 3, 4], Values<float>(read, "linear.weight", 2, 2));
        Assert.Equal([5, 6], Values<float>(read, "linear.bias", 2));
        Assert.Equal(["the state dict is the file's entry \"state_dict\"", "every name begins with 'module.', which was left out"], read.Notes);
    }

    [Fact]
    public void Read_PickleThatAsksForCode_IsRefusedByNameAndPlace()
    {
        var refused = Assert.Throws<CheckpointException>(() => StateDict.Read(Fixture("namespace.pt")));

        Assert.Contains("asks for \"argparse.Namespace\" at byte 17", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cos\nsystem\n(X\x02\0\0\0lstR.", "asks for \"os.system\" at byte 2")]
    [InlineData("cbuiltins\neval\n.", "asks for \"builtins.eval\" at byte 2")]
    [InlineData("ctorch\nload\n.", "asks for \"torch.load\" at byte 2")]
    [InlineData("\0", "opcode 0x00 at byte 2")]
    [InlineData("i", "opcode 0x69")]
    [InlineData("R", "an empty stack")]
    [InlineData("t", "no mark")]
    [InlineData("h\x05", "value 5 was never remembered")]
    [InlineData("X\xff", "cut off")]
    [InlineData("}K\x01s", "an empty stack")]
    [InlineData("N.", "no state dict")]
    [InlineData("}.", "no state dict")]
    [InlineData("ccollections\nOrderedDict\nK\x01\x85R.", "wrong arguments for collections.OrderedDict")]
    public void Read_PickleOfNoStateDict_IsNamed(string pickle, string expected)
    {
        var bytes = Archive(("a/data.pkl", [0x80, 2, .. Encoding.Latin1.GetBytes(pickle)]));

        var refused = Assert.Throws<CheckpointException>(() => StateDict.Read(new MemoryStream(bytes), "made"));

        Assert.True(refused.Message.Contains(expected, StringComparison.Ordinal), refused.Message);
        Assert.StartsWith("made: ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_Tensors_AreReadBackToTheBitAndAlwaysTheSameBytes()
    {
        var tensors = StateDict.Read(Fixture("zip.pt")).Tensors.Values.ToList();
        using var first = new MemoryStream();
        using var second = new MemoryStream();

        TorchWriter.Write(first, tensors);
        TorchWriter.Write(second, tensors);

        var read = StateDict.Read(first, "written");
        Assert.Equal(first.ToArray(), second.ToArray());
        Assert.Equal(WeightsHash.Compute(tensors), WeightsHash.Compute(read.Tensors.Values));
        Assert.Equal(tensors.Select(tensor => (tensor.Name, tensor.DType)), read.Tensors.Values.Select(tensor => (tensor.Name, tensor.DType)));
    }

    internal static string Fixture(string name) => Path.Combine(GoldenFolder.Exchange, name);

    internal static byte[] Archive(params (string Name, byte[] Content)[] entries)
    {
        using var buffer = new MemoryStream();
        using (var archive = new System.IO.Compression.ZipArchive(buffer, System.IO.Compression.ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in entries)
            {
                using var stream = archive.CreateEntry(name, System.IO.Compression.CompressionLevel.NoCompression).Open();
                stream.Write(content);
            }
        }

        return buffer.ToArray();
    }

    private static T[] Values<T>(StateDict read, string name, params long[] shape) where T : unmanaged
    {
        Assert.Equal(shape, read.Tensors[name].Shape);
        return read.Tensors[name].Values<T>().ToArray();
    }
}
