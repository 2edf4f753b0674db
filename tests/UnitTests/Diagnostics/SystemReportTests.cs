using Lcnn.Distributed.Model.Diagnostics;

namespace Lcnn.Distributed.UnitTests.Diagnostics;

public sealed class SystemReportTests
{
    [Fact]
    public void Collect_ThisMachine_HasItsVersionsAndTheCpuFirst()
    {
        var report = SystemReport.Collect();

        Assert.Equal("cpu", report.Devices[0].Device);
        Assert.StartsWith("2.", report.Libtorch, StringComparison.Ordinal);
        Assert.StartsWith("0.", report.TorchSharp, StringComparison.Ordinal);
        Assert.True(report.CoreCount > 0);
        Assert.True(report.MemoryBytes > 0);
    }
}
