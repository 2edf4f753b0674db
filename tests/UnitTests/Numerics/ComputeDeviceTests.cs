using Lcnn.Distributed.Model.Numerics;

namespace Lcnn.Distributed.UnitTests.Numerics;

public sealed class ComputeDeviceTests
{
    [Theory]
    [InlineData("cuda:99")]
    [InlineData("")]
    [InlineData("tpu")]
    public void Find_NameOfNoDevice_NamesThoseThereAre(string name)
    {
        var refused = Assert.Throws<ArgumentException>(() => ComputeDevice.Find(name));

        Assert.StartsWith($"no device '{name}', expected one of cpu", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Parameter", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_Processor_IsThereEverywhere() => Assert.Equal(ComputeDevice.Cpu, ComputeDevice.Find("cpu"));
}
