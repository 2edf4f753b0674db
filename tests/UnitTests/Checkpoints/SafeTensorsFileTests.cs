using System.Buffers.Binary;
using System.Text;
using Lcnn.Distributed.Data.Checkpoints;

namespace Lcnn.Distributed.UnitTests.Checkpoints;

public sealed class SafeTensorsFileTests
{
    [Fact]
    public void Write_ThenRead_GivesEveryBitBack()
    {
        using var folder = new TemporaryFolder();
        var tensors = Samples.Tensors();

        SafeTensorsFile.Write(folder["a.safetensors"], tensors, new Dictionary<string, string> { ["format"] = "pt", ["note"] = "\u00e9\"\\" });
        var file = SafeTensorsFile.Read(folder["a.safetensors"]);

        Assert.Equal(tensors.Select(tensor => tensor.Name).Order(StringComparer.Ordinal), file.Tensors.Keys);
        Assert.All(tensors, tensor => AssertSame(tensor, file.Tensors[tensor.Name]));
        Assert.Equal(new Dictionary<string, string> { ["format"] = "pt", ["note"] = "\u00e9\"\\" }, file.Metadata);
        Assert.Equal([folder["a.safetensors"]], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Write_EveryElementType_IsReadBack()
    {
        var tensors = Enum.GetValues<ElementType>()
            .Select(type => new SafeTensor($"t.{type}", type, [8], Enumerable.Range(1, type.BitCount()).Select(value => (byte)value).ToArray())).ToArray();

        var file = Samples.Read(Samples.Bytes(tensors));

        Assert.All(tensors, tensor => AssertSame(tensor, file.Tensors[tensor.Name]));
    }

    [Fact]
    public void ElementType_Numbers_StayWhatOtherRanksSend() => Assert.Equal(
        "BOOL U8 I8 I16 F16 BF16 I32 F32 I64 F64 U16 U32 U64 C64 F8_E5M2 F8_E4M3 F8_E8M0 F8_E4M3FNUZ F8_E5M2FNUZ F4 F6_E2M3 F6_E3M2".Split(' '),
        Enumerable.Range(0, Enum.GetValues<ElementType>().Length).Select(number => $"{(ElementType)number}"));

    [Theory]
    [InlineData("U16", "[3]", 6)]
    [InlineData("U32", "[3]", 12)]
    [InlineData("U64", "[3]", 24)]
    [InlineData("C64", "[2,2]", 32)]
    [InlineData("F8_E5M2", "[5]", 5)]
    [InlineData("F8_E4M3", "[5]", 5)]
    [InlineData("F8_E8M0", "[5]", 5)]
    [InlineData("F8_E4M3FNUZ", "[5]", 5)]
    [InlineData("F8_E5M2FNUZ", "[5]", 5)]
    [InlineData("F4", "[2,3]", 3)]
    [InlineData("F6_E2M3", "[4]", 3)]
    [InlineData("F6_E3M2", "[4,2]", 6)]
    public void Read_ElementTypeOfTheFormat_IsHeldByteForByte(string type, string shape, int bytes)
    {
        var file = Samples.Raw($$$"""{"t":{"dtype":"{{{type}}}","shape":{{{shape}}},"data_offsets":[0,{{{bytes}}}]}}""", bytes);
        file[^1] = 0xA5;

        var tensor = Samples.Read(file).Tensors["t"];

        Assert.Equal(type, $"{tensor.DType}");
        Assert.Equal(file[^bytes..], tensor.Data.ToArray());
    }

    [Theory]
    [InlineData("F4", "[3]", 1)]
    [InlineData("F6_E2M3", "[3]", 2)]
    [InlineData("F128", "[1]", 16)]
    [InlineData("NF4", "[2]", 1)]
    public void Read_ElementsThatFillNoByteOrAreNoneOfTheFormat_NamesTheType(string type, string shape, int bytes)
    {
        var file = Samples.Raw($$$"""{"t":{"dtype":"{{{type}}}","shape":{{{shape}}},"data_offsets":[0,{{{bytes}}}]}}""", bytes);

        var problem = Assert.Throws<CheckpointException>(() => Samples.Read(file));

        Assert.Contains(type, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_TensorsInAnotherOrder_GivesTheSameBytes() =>
        Assert.Equal(Samples.Bytes(Samples.Tensors()), Samples.Bytes([.. Samples.Tensors().Reverse()]));

    [Fact]
    public void Write_NoTensors_IsReadBack() => Assert.Empty(Samples.Read(Samples.Bytes()).Tensors);

    [Fact]
    public void Write_HeaderTakenApartByHand_FollowsTheFormat()
    {
        var bytes = Samples.Bytes(Samples.Tensors());
        var headerLength = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        var json = Encoding.UTF8.GetString(bytes, 8, headerLength);

        Assert.Equal(0, headerLength % 8);
        Assert.Equal(
            "{'0.0.bn.num_batches_tracked':{'dtype':'I64','shape':[],'data_offsets':[0,8]},"
            + "'0.0.conv.weight':{'dtype':'F32','shape':[2,3],'data_offsets':[8,32]},"
            + "'0.0.log_lipschitz':{'dtype':'F32','shape':[],'data_offsets':[32,36]},"
            + "'empty':{'dtype':'F64','shape':[0,4],'data_offsets':[36,36]}}",
            json.TrimEnd(' ').Replace('"', '\''));
        Assert.Equal(8 + headerLength + 36, bytes.Length);
        Assert.Equal(-2.5f, BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(8 + headerLength + 12)));
    }

    [Fact]
    public void Read_TensorsStoredInAnotherOrder_ComeInOrderOfNames()
    {
        var bytes = Samples.Raw("""{"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"a":{"data_offsets":[2,3],"shape":[1],"dtype":"U8"}}  """, 3);
        (bytes[^3], bytes[^1]) = (1, 9);

        var file = Samples.Read(bytes);

        Assert.Equal(["a", "b"], file.Tensors.Keys);
        Assert.Equal([1, 0], file.Tensors["b"].Values<byte>().ToArray());
        Assert.Equal([9], file.Tensors["a"].Values<byte>().ToArray());
    }

    [Fact]
    public void Read_StreamThatCannotSeek_GivesTheSame()
    {
        var large = new SafeTensor("large", ElementType.U8, [300_001], new byte[300_001]);

        var file = SafeTensorsFile.Read(new ForwardStream(Samples.Bytes([large, .. Samples.Tensors()])), "socket");

        AssertSame(large, file.Tensors["large"]);
        Assert.Equal(5, file.Tensors.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData(" {\"z\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}")]
    [InlineData("{\"z\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}")]
    [InlineData("{\"z\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}} x")]
    [InlineData("{\"z\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}},")]
    [InlineData("{\"a\":1,\"z\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}")]
    [InlineData("{\"a\":{},\"z\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}")]
    [InlineData("{\"__metadata__\":{\"a\":1},\"z\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}")]
    [InlineData("{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"},\"z\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}")]
    [InlineData("{\"__metadata__\":{},\"__metadata__\":{},\"z\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}")]
    [InlineData("{\"a\\u0000b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}")]
    [InlineData("{\"\\ud800\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F8\",\"shape\":[1],\"data_offsets\":[0,1]}}")]
    [InlineData("{\"a\":{\"dtype\":\"1\",\"shape\":[1],\"data_offsets\":[0,1]}}")]
    [InlineData("{\"a\":{\"dtype\":\"u8\",\"shape\":[1],\"data_offsets\":[0,1]}}")]
    [InlineData("{\"a\":{\"dtype\":null,\"shape\":[1],\"data_offsets\":[0,1]}}")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[-1],\"data_offsets\":[0,1]}}")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1.0],\"data_offsets\":[0,1]}}")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[[1]],\"data_offsets\":[0,1]}}")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,1]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F64\",\"shape\":[4611686018427387904],\"data_offsets\":[0,0]}}")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[4294967296,4294967296,1],\"data_offsets\":[0,0]}}")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[3000000000],\"data_offsets\":[0,3000000000]}}")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[99999999999999999999],\"data_offsets\":[0,1]}}")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,0]}}")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1,2]}}")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"x\":0}}")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[1,1]}}")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},\"b\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[1,1]}}")]
    public void Read_WrongHeader_NamesTheSource(string header)
    {
        var bytes = Samples.Raw(header, dataBytes: 1);

        var problem = Assert.Throws<CheckpointException>(() => SafeTensorsFile.Read(new MemoryStream(bytes), "wrong.safetensors"));
        Assert.Throws<CheckpointException>(() => SafeTensorsFile.Read(new ForwardStream(bytes), "wrong.safetensors"));

        Assert.Equal("wrong.safetensors", problem.File);
        Assert.StartsWith("wrong.safetensors: ", problem.Message, StringComparison.Ordinal);
        Assert.Contains("expected", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_InvalidUtf8_IsRefused()
    {
        var bytes = Samples.Raw("""{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}""");
        bytes[10] = 0xFF;

        Assert.Throws<CheckpointException>(() => Samples.Read(bytes));
    }

    [Fact]
    public void Read_DeeplyNestedHeader_IsRefused() =>
        Assert.Throws<CheckpointException>(() => Samples.Read(Samples.Raw(string.Concat(Enumerable.Repeat("{\"a\":", 100_000)))));

    [Fact]
    public void Read_EveryTruncationAndATrailingByte_IsRefused()
    {
        var bytes = Samples.Bytes(Samples.Tensors());

        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<CheckpointException>(() => Samples.Read(bytes[..length]));
            Assert.Throws<CheckpointException>(() => SafeTensorsFile.Read(new ForwardStream(bytes[..length]), "socket"));
        }

        Assert.Throws<CheckpointException>(() => Samples.Read([.. bytes, 0]));
        Assert.Throws<CheckpointException>(() => SafeTensorsFile.Read(new ForwardStream([.. bytes, 0]), "socket"));
    }

    [Theory]
    [InlineData(1UL << 62)]
    [InlineData(ulong.MaxValue)]
    [InlineData(100_000_001UL)]
    [InlineData(100_000_000UL)]
    public void Read_HugeHeaderClaim_AllocatesNextToNothing(ulong claim)
    {
        var bytes = new byte[64];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, claim);

        Assert.InRange(AllocatedByRefusing(new MemoryStream(bytes)), 0, 300_000);
        Assert.InRange(AllocatedByRefusing(new ForwardStream(bytes)), 0, 300_000);
    }

    [Fact]
    public void Read_HugeTensorClaim_AllocatesNextToNothing()
    {
        var bytes = Samples.Raw("""{"a":{"dtype":"U8","shape":[2000000000],"data_offsets":[0,2000000000]}}""", 8);

        Assert.InRange(AllocatedByRefusing(new MemoryStream(bytes)), 0, 300_000);
        Assert.InRange(AllocatedByRefusing(new ForwardStream(bytes)), 0, 300_000);
    }

    [Fact]
    public void Read_LastTensorCutOff_IsRefusedBeforeTheFirstIsAllocated()
    {
        var bytes = Samples.Bytes(new SafeTensor("a", ElementType.U8, [2_000_000], new byte[2_000_000]), SafeTensor.Create<byte>("b", [1], 1));

        Assert.InRange(AllocatedByRefusing(new MemoryStream(bytes[..^1])), 0, 300_000);
    }

    [Fact]
    public void Read_NoSuchFile_SaysSo()
    {
        using var folder = new TemporaryFolder();

        var problem = Assert.Throws<CheckpointException>(() => SafeTensorsFile.Read(folder["none.safetensors"]));

        Assert.Contains("no such file", problem.Message, StringComparison.Ordinal);
        Assert.Throws<CheckpointException>(() => SafeTensorsFile.Read(folder.Path));
    }

    [Fact]
    public void Write_BadTensors_IsAnArgumentErrorAndKeepsTheOldFile()
    {
        using var folder = new TemporaryFolder();
        SafeTensorsFile.Write(folder["a"], Samples.Tensors());
        var twice = SafeTensor.Create<byte>("twice", [1], 1);

        Assert.Throws<ArgumentException>(() => SafeTensorsFile.Write(folder["a"], [twice, twice]));
        Assert.Throws<ArgumentException>(() => SafeTensor.Create<byte>("__metadata__", [1], 1));
        Assert.Throws<ArgumentException>(() => SafeTensor.Create<byte>("a", [1], 2));
        Assert.Throws<ArgumentException>(() => SafeTensor.Create<byte>("a", [1], -1));
        Assert.Throws<ArgumentException>(() => twice.Values<float>());

        Assert.Equal(4, SafeTensorsFile.Read(folder["a"]).Tensors.Count);
        Assert.Single(Directory.GetFileSystemEntries(folder.Path));
    }

    private static long AllocatedByRefusing(Stream stream)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<CheckpointException>(() => SafeTensorsFile.Read(stream, "hostile"));
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static void AssertSame(SafeTensor expected, SafeTensor actual)
    {
        Assert.Equal(expected.Name, actual.Name);
        Assert.Equal(expected.DType, actual.DType);
        Assert.Equal(expected.Shape, actual.Shape);
        Assert.Equal(expected.Data.ToArray(), actual.Data.ToArray());
    }
}
