using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.Runs;

namespace Lcnn.Distributed.UnitTests.Grains;

public sealed class ScheduledRateTests
{
    private const int StepsPerEpoch = 4;

    [Fact]
    public void At_LongerRunUnderTheOldSchedule_FollowsItAndStaysAtItsLastRate()
    {
        var old = new RunSpec { Epochs = 3, Schedule = "cosine" };
        var longer = old with { Epochs = 9, ScheduleEpochs = 3 };

        var rates = Enumerable.Range(0, 9 * StepsPerEpoch).Select(step => ScheduledRate.At(longer, step, StepsPerEpoch)).ToList();

        Assert.Equal(Enumerable.Range(0, 3 * StepsPerEpoch).Select(step => ScheduledRate.At(old, step, StepsPerEpoch)), rates.Take(3 * StepsPerEpoch));
        Assert.All(rates.Skip(3 * StepsPerEpoch), rate => Assert.Equal(rates[(3 * StepsPerEpoch) - 1], rate));
        Assert.True(rates[^1] > 0);
    }
}
