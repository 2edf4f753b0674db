using Lcnn.Distributed.Cli.Comparisons;

namespace Lcnn.Distributed.UnitTests.Cli.Comparisons;

public sealed class ComparisonPlanTests
{
    [Fact]
    public void Trials_OfMethodsWithSeedsOfTheirOwn_AreSeedBySeed()
    {
        var plan = new ComparisonPlan([new("standard", 3), new("lcnn", 1), new("cure", 2)], Seed: 7) { OfFirstSeeds = [new("evalAttacks", "autoattack")] };

        Assert.Equal(
            [
                "method=standard, seed=7, evalAttacks=autoattack", "method=lcnn, seed=7, evalAttacks=autoattack", "method=cure, seed=7, evalAttacks=autoattack",
                "method=standard, seed=8", "method=cure, seed=8", "method=standard, seed=9",
            ],
            plan.Trials().Select(trial => trial.ToString()));
    }
}
