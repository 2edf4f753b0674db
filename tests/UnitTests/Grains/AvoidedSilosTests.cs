using Lcnn.Distributed.Grains.Runs;

namespace Lcnn.Distributed.UnitTests.Grains;

public sealed class AvoidedSilosTests
{
    private readonly AvoidedSilos _avoided = new();

    [Fact]
    public void All_SeveralRefused_KeepsThemUntilTheyLeave()
    {
        _avoided.Refuse("b");
        _avoided.Refuse("a");
        _avoided.Lose(cutOff: null);
        Assert.Equal(["a", "b"], _avoided.All);

        _avoided.Forget(silo => silo == "a");

        Assert.Equal(["b"], _avoided.All);
    }

    [Fact]
    public void Lose_AfterSilosWereCutOff_TriesThemAgain()
    {
        _avoided.Lose(cutOff: "b");
        _avoided.Lose(cutOff: "a");
        Assert.Equal(["a", "b"], _avoided.All);

        _avoided.Lose(cutOff: null);

        Assert.Empty(_avoided.All);
    }

    [Fact]
    public void Forget_ASiloThatWasCutOff_ForgetsIt()
    {
        _avoided.Lose(cutOff: "b");

        _avoided.Forget(silo => silo == "b");

        Assert.Empty(_avoided.All);
    }
}
