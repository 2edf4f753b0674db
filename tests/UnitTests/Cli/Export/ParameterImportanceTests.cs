using Lcnn.Distributed.Cli.Export.Html;

namespace Lcnn.Distributed.UnitTests.Cli.Export;

public sealed class ParameterImportanceTests
{
    [Fact]
    public void ShareOf_TwoGroups_IsEpsilonSquared()
    {
        // squares within the groups: 2 + 2 = 4; in all: 2 * (16 + 9 + 4) = 58
        (double, double)[] observations = [(0, 1), (0, 2), (0, 3), (1, 7), (1, 8), (1, 9)];

        Assert.Equal(1 - (1 / (58.0 / 5)), ParameterImportance.ShareOf(isCategory: true, observations), 12);
    }

    [Fact]
    public void ShareOf_AllThatMatters_IsNearlyOne() =>
        Assert.InRange(ParameterImportance.ShareOf(isCategory: false, Enumerable.Range(0, 64).Select(i => ((double)i, (double)i))), 0.95, 1);

    [Fact]
    public void ShareOf_Noise_IsNearZeroOnAverage()
    {
        var random = new Random(3);
        var shares = Enumerable.Range(0, 200).Select(_ => ParameterImportance.ShareOf(
            isCategory: false, [.. Enumerable.Range(0, 24).Select(_ => (random.NextDouble(), random.NextDouble()))]));

        Assert.InRange(shares.Average(), 0, 0.1);
    }

    [Fact]
    public void ShareOf_ParameterOrGoalThatNeverVaries_IsZero()
    {
        Assert.Equal(0, ParameterImportance.ShareOf(isCategory: true, Enumerable.Range(0, 8).Select(i => (0.0, (double)i))));
        Assert.Equal(0, ParameterImportance.ShareOf(isCategory: false, Enumerable.Range(0, 8).Select(i => ((double)i, 1.0))));
    }

    [Fact]
    public void ShareOf_TooFewTrials_CannotBeTold()
    {
        Assert.Equal(double.NaN, ParameterImportance.ShareOf(isCategory: false, Enumerable.Range(0, ParameterImportance.MinTrials - 1).Select(i => ((double)i, (double)i))));
        Assert.Equal(double.NaN, ParameterImportance.ShareOf(isCategory: true, Enumerable.Range(0, 8).Select(i => ((double)i, (double)i))));
        Assert.Equal(double.NaN, ParameterImportance.ShareOf(isCategory: true, Enumerable.Repeat((double.NaN, 1.0), 20)));
    }
}
