using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.UnitTests.Golden;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Layers;

public sealed class RunningStatisticsTests
{
    [Fact]
    public void Warm_FirstTenBatches_AreTheirMean()
    {
        using var one = new OneThread();
        using var norm = new LipschitzBatchNorm(1, ScalarType.Float64);

        for (var batch = 1; batch <= 10; batch++)
        {
            norm.Update(Batch(mean: batch, variance: 2 * batch), RunningStatistics.Warm);

            Assert.Equal((batch + 1) / 2.0, norm.RunningMean.ReadDouble(), 1e-12);
            Assert.Equal(batch + 1, norm.RunningVar.ReadDouble(), 1e-12);
        }
    }

    [Fact]
    public void Warm_AfterTheTenth_TakesATenthOfEachAsTheReference()
    {
        using var one = new OneThread();
        using var norm = new LipschitzBatchNorm(1, ScalarType.Float64);
        for (var batch = 0; batch < 10; batch++)
        {
            norm.Update(Batch(mean: 3, variance: 5), RunningStatistics.Warm);
        }

        norm.Update(Batch(mean: 13, variance: 25), RunningStatistics.Warm);

        Assert.Equal((4, 7), (Math.Round(norm.RunningMean.ReadDouble(), 12), Math.Round(norm.RunningVar.ReadDouble(), 12)));
        Assert.Equal(11, norm.BatchesTracked.ReadInt64());
    }

    [Fact]
    public void Reference_FirstBatch_CountsATenth()
    {
        using var one = new OneThread();
        using var norm = new LipschitzBatchNorm(1, ScalarType.Float64);

        norm.Update(Batch(mean: 3, variance: 5));

        Assert.Equal((0.3, 1.4), (Math.Round(norm.RunningMean.ReadDouble(), 12), Math.Round(norm.RunningVar.ReadDouble(), 12)));
    }

    private static BatchStatistics Batch(double mean, double variance) => BatchStatistics.Of(100, [mean], [variance]);
}
