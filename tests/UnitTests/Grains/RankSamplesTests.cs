using Lcnn.Distributed.Grains.Workers;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.UnitTests.Grains;

public sealed class RankSamplesTests
{
    private static readonly ShardPlan _plan = new(sampleCount: 100, batchSize: 40, shards: 8, seed: 1);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    public void Add_WholeEpoch_CountsEverySampleOnce(int worldSize)
    {
        var samples = new RankSamples(_plan, worldSize);

        for (var step = 0; step < _plan.StepsPerEpoch; step++)
        {
            samples.Add(_plan.Batch(step).GetOffsetAndLength(100).Length);
        }

        Assert.Equal(100, Enumerable.Range(0, worldSize).Sum(rank => samples[rank]));
        Assert.All(Enumerable.Range(0, worldSize), rank => Assert.InRange(samples[rank], 1, 100));
    }

    [Fact]
    public void Load_FewerRanksThanBefore_LosesNoSample()
    {
        var before = new RankSamples(_plan, worldSize: 4);
        before.Add(40);
        var after = new RankSamples(_plan, worldSize: 2);

        after.Load(before.Save());

        Assert.Equal(40, after[0] + after[1]);
        Assert.Equal(before[1], after[1]);
    }
}
