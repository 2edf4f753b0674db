using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Grains.Workers;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Training;
using Lcnn.Distributed.UnitTests.Training;
using TorchSharp;

namespace Lcnn.Distributed.UnitTests.Grains;

[Collection(nameof(TensorCount))]
public sealed class SampleSourceTests
{
    private const int Steps = 7;

    private static readonly ImageData _data = new(
        [.. Enumerable.Range(0, 40 * 4).Select(i => (byte)i)], [.. Enumerable.Range(0, 40).Select(i => (byte)(i % 10))], channels: 1, height: 2, width: 2, classes: 10, pixelMaximum: 255);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Take_GatheredAheadOrWhenWanted_HasTheSameSamplesAndLeavesNoneBehind(bool augments)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = torch.Tensor.TotalCount;

        var wanted = All(isAhead: false, augments, Steps);
        var ahead = All(isAhead: true, augments, Steps);
        All(isAhead: true, augments, steps: 3); // ends with some that nobody takes

        Assert.Equal(Steps * 2, wanted.Distinct().Count());
        Assert.Equal(wanted, ahead);
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    // A resumed run begins anywhere, and epochs have other orders.
    private static List<string> All(bool isAhead, bool augments, int steps)
    {
        using var source = new SampleSource(_data, new ShardPlan(40, 12, shards: 4, seed: 3), ComputeDevice.Cpu, seed: 5, augments, firstShard: 1, shardCount: 2, totalSteps: Steps + 1, isAhead);
        var all = new List<string>();
        for (var step = 1; step <= steps; step++)
        {
            var (count, take) = source.Begin(step);
            foreach (var shard in (int[])[1, 0])
            {
                using var samples = take(shard);
                all.Add($"{count} {Convert.ToHexString(TensorLayout.ToBytes(samples.Images))} {Convert.ToHexString(TensorLayout.ToBytes(samples.Labels))}");
            }
        }

        return all;
    }
}
