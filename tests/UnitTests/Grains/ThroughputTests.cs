using Lcnn.Distributed.Grains.Workers;

namespace Lcnn.Distributed.UnitTests.Grains;

public sealed class ThroughputTests
{
    [Fact]
    public void SamplesPerSecond_Steps_IsAllSamplesOverAllTime()
    {
        var throughput = new Throughput();
        throughput.Add(10, TimeSpan.FromSeconds(1));
        throughput.Add(50, TimeSpan.FromSeconds(2));

        Assert.Equal(20, throughput.SamplesPerSecond);
    }

    [Fact]
    public void SamplesPerSecond_BeforeAnyStepAndAfterReset_IsNaN()
    {
        var throughput = new Throughput();
        Assert.Equal(double.NaN, throughput.SamplesPerSecond);
        throughput.Add(10, TimeSpan.FromSeconds(1));

        throughput.Reset();

        Assert.Equal(double.NaN, throughput.SamplesPerSecond);
    }
}
