using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.UnitTests.Training;

public sealed class LearningRateScheduleTests
{
    private const int StepsPerEpoch = 7;

    // Epochs from 0, as MultiStepLR(milestones=[int(0.75 e), int(0.875 e)], gamma=0.1) of train_models.py:223 has them.
    [Theory]
    [InlineData(200, 150, 175)]
    [InlineData(10, 7, 8)]
    [InlineData(8, 6, 7)]
    [InlineData(3, 2, 2)]
    [InlineData(2, 1, 1)]
    [InlineData(1, 0, 0)]
    public void MultiStep_AroundTheMilestones_FallsTenfoldAtEach(int epochs, int first, int second)
    {
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            var expected = 0.1 * Math.Pow(0.1, (epoch >= first ? 1 : 0) + (epoch >= second ? 1 : 0));

            Assert.Equal(expected, At("multistep", epoch * StepsPerEpoch, epochs), tolerance: 1e-15);
            Assert.Equal(expected, At("multistep", ((epoch + 1) * StepsPerEpoch) - 1, epochs), tolerance: 1e-15);
        }
    }

    [Fact]
    public void Cosine_OverTheRun_FallsFromAllToNothing()
    {
        var rates = Enumerable.Range(0, (4 * StepsPerEpoch) + 1).Select(step => At("cosine", step, epochs: 4)).ToList();

        Assert.Equal(0.1, rates[0]);
        Assert.Equal(0.05, rates[2 * StepsPerEpoch], tolerance: 1e-15);
        Assert.Equal(0, rates[^1], tolerance: 1e-15);
        Assert.Equal(rates.OrderDescending(), rates);
        Assert.True(rates[^2] > 0);
    }

    [Theory]
    [InlineData("cosine")]
    [InlineData("multistep")]
    [InlineData("constant")]
    public void Warmup_OfTwoEpochs_RisesEvenlyAndLeavesTheRestToTheSchedule(string schedule)
    {
        var rates = Enumerable.Range(0, 8 * StepsPerEpoch).Select(step => LearningRateSchedule.At(schedule, 0.1, step, StepsPerEpoch, epochs: 8, warmupEpochs: 2)).ToList();

        Assert.Equal(Enumerable.Range(1, 2 * StepsPerEpoch).Select(step => 0.1 * step / (2 * StepsPerEpoch)), rates.Take(2 * StepsPerEpoch));
        Assert.Equal(Enumerable.Range(0, 6 * StepsPerEpoch).Select(step => At(schedule, step, epochs: 6)), rates.Skip(2 * StepsPerEpoch));
    }

    [Fact]
    public void Constant_AnyStep_IsTheInitialRate() => Assert.Equal(0.1, At("constant", 123, epochs: 20));

    [Fact]
    public void At_UnknownSchedule_IsRefusedWithTheKnownOnes() => Assert.Contains(
        "multistep, cosine, constant",
        Assert.Throws<ArgumentOutOfRangeException>(() => At("linear", 0, epochs: 1)).Message, StringComparison.Ordinal);

    private static double At(string schedule, long step, int epochs) => LearningRateSchedule.At(schedule, 0.1, step, StepsPerEpoch, epochs);
}
