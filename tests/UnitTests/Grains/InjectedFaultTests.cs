using Lcnn.Distributed.Grains.Workers;

namespace Lcnn.Distributed.UnitTests.Grains;

public sealed class InjectedFaultTests
{
    [Fact]
    public void TryParse_AFault_SaysWhereAndHow()
    {
        Assert.Equal(new InjectedFault.Fault(1, 2, 30, Until: null), InjectedFault.TryParse("hang 2 30"));
        Assert.Equal(new InjectedFault.Fault(3, 0, 81, "/tmp/joined"), InjectedFault.TryParse("hold 3 0 81 /tmp/joined"));
        Assert.Equal(new InjectedFault.Fault(1, 0, 4, Until: null, Exhausts: true), InjectedFault.TryParse("exhaust 0 4"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("hang")]
    [InlineData("hang 1 soon")]
    [InlineData("exhaust 1")]
    [InlineData("hold x 0 81 /tmp/joined")]
    [InlineData("explode 1 30")]
    public void TryParse_AnythingElse_IsNone(string? text) => Assert.Null(InjectedFault.TryParse(text));
}
