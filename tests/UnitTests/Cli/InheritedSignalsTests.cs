using Lcnn.Distributed.Cli.Signals;

namespace Lcnn.Distributed.UnitTests.Cli;

public sealed class InheritedSignalsTests
{
    [Theory]
    [InlineData("SigIgn:\t0000000000000006", 2, true)] // a background job: SIGINT and SIGQUIT
    [InlineData("SigIgn:\t0000000000000006", 1, false)]
    [InlineData("SigIgn:\t0000000000001001", 1, true)] // nohup
    [InlineData("SigIgn:\t0000000000001000", 2, false)]
    [InlineData("SigCgt:\t0000000000000002", 2, false)]
    [InlineData("", 2, false)]
    public void Signal_InTheMask_IsIgnored(string line, int signal, bool expected) =>
        Assert.Equal(expected, InheritedSignals.IsIgnored(signal, ["Name:\tlcnn", line]));
}
