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

    [Fact]
    public void Of_ARunThatWasAttackedAndCertified_HasAccuraciesByTheirEpsilon()
    {
        var robustness = new RobustnessFigures(
            new AttackFigures("linf", 10, 7, null, null, IsClipped: true, 0.9, [], [new RobustAt(2.0 / 255, 0.8, []), new RobustAt(0.5, 0.4, [])]),
            new CertificateFigures("", 10, 2, 3, 4, 5, null, [], 0, 0, 0, [new CertifiedAccuracy(0.5, 0.25), new CertifiedAccuracy(1, double.NaN)]), null, []);

        var metrics = TrialMetrics.Of(new RunCompleted { Robustness = robustness }, new TrialEntry(), TimeSpan.Zero);

        Assert.Equal((0.8, 0.4, 0.25), (metrics["robustAccuracy@0.0078"], metrics["robustAccuracy@0.5"], metrics["certifiedAccuracy@0.5"]));
        Assert.DoesNotContain("certifiedAccuracy@1", metrics.Keys);
    }
}
