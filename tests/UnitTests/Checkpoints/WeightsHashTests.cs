using System.Security.Cryptography;
using System.Text;
using Lcnn.Distributed.Data.Checkpoints;

namespace Lcnn.Distributed.UnitTests.Checkpoints;

public sealed class WeightsHashTests
{
    [Fact]
    public void Compute_TwoTensors_IsTheHashOfNamesZerosAndBytes()
    {
        byte[] expected =
        [
            .. Encoding.UTF8.GetBytes("B\0"), 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0,
            .. Encoding.UTF8.GetBytes("a\0"), 5, 0, 0, 0, 0, 0, 0, 0,
        ];

        var hash = WeightsHash.Compute([SafeTensor.Create<long>("a", [5L]), SafeTensor.Create<float>("B", [1f, -2f], 2)]);

        Assert.Equal(Convert.ToHexString(SHA256.HashData(expected)).ToLowerInvariant(), hash);
    }

    [Fact]
    public void Compute_NoTensors_IsTheHashOfNothing() =>
        Assert.Equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", WeightsHash.Compute([]));

    [Fact]
    public void ComputeFile_WrittenTensors_IsTheHashOfTheTensors()
    {
        using var folder = new TemporaryFolder();
        SafeTensorsFile.Write(folder["a"], Samples.Tensors());

        Assert.Equal(WeightsHash.Compute(Samples.Tensors()), WeightsHash.ComputeFile(folder["a"]));
        Assert.NotEqual(WeightsHash.Compute(Samples.Tensors(first: 1.0000001f)), WeightsHash.ComputeFile(folder["a"]));
    }

    [Fact]
    public void Compute_SameNameTwice_IsAnArgumentError()
    {
        var tensor = SafeTensor.Create<byte>("a", [1], 1);

        Assert.Throws<ArgumentException>(() => WeightsHash.Compute([tensor, tensor]));
    }
}
