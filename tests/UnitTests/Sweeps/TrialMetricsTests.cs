using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Grains.Sweeps;

namespace Lcnn.Distributed.UnitTests.Sweeps;

public sealed class TrialMetricsTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Of_RunThatKeepsAnAverage_HasTheAveragesTestFigures(bool keepsAverage)
    {
        double? accuracy = keepsAverage ? 0.9 : null, loss = keepsAverage ? 0.2 : null;

        var epoch = TrialMetrics.Of(new EpochCompleted { TestAccuracy = 0.8, TestLoss = 0.3, EmaTestAccuracy = accuracy, EmaTestLoss = loss }, TimeSpan.Zero);
        var end = TrialMetrics.Of(new RunCompleted { TestAccuracy = 0.8, TestLoss = 0.3, EmaTestAccuracy = accuracy, EmaTestLoss = loss }, new TrialEntry(), TimeSpan.Zero);

        Assert.All([epoch, end], metrics => Assert.Equal(keepsAverage ? (0.9, 0.2) : (0.8, 0.3), (metrics["testAccuracy"], metrics["testLoss"])));
    }
}
