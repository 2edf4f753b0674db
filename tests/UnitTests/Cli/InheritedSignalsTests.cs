using Lcnn.Distributed.Cli.Hosting;

namespace Lcnn.Distributed.UnitTests.Cli;

public sealed class InheritedSignalsTests
{
    [Theory]
    [InlineData("SigIgn:\t0000000000000006", true)] // a background job: SIGINT and SIGQUIT
    [InlineData("SigIgn:\t0000000000001000", false)]
    [InlineData("SigCgt:\t0000000000000002", false)]
    [InlineData("", false)]
    public void Interrupt_InTheMask_IsIgnored(string line, bool expected) =>
        Assert.Equal(expected, InheritedSignals.IsIgnored(["Name:\tlcnn", line]));
}
