using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Training;
using TorchSharp;

namespace Lcnn.Distributed.UnitTests.Training;

[Collection(nameof(TensorCount))]
public sealed class SampleSourceTests
{
    private const int Steps = 7;

    private static readonly ImageData _data = new(
        [.. Enumerable.Range(0, 40 * 4).Select(i => (byte)i)], [.. Enumerable.Range(0, 40).Select(i => (byte)(i % 10))], channels: 1, height: 2, width: 2, classes: 10, pixelMaximum: 255);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Take_OfAnyStep_HasItsSamplesAndLeavesNoneBehind(bool augments)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = torch.Tensor.TotalCount;

        var (wanted, ahead) = (Enumerable.Range(1, Steps).SelectMany(step => All(augments, step, step)).ToList(), All(augments, 1, Steps)); // each alone, and one after the other
        All(augments, 1, 3); // ends with some that nobody takes

        Assert.Equal(Steps * 2, wanted.Distinct().Count());
        Assert.Equal(wanted, ahead);
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Fact]
    public void Take_OfSamplesThatCannotBeRead_ThrowsWhatTheyThrew()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = torch.Tensor.TotalCount;
        using (var source = Source(new Unreadable(from: 30), augments: false))
        {
            var thrown = Assert.Throws<DataFileException>(() =>
            {
                for (var step = 0; step <= Steps; step++)
                {
                    var (_, take) = source.Begin(step);
                    take(0).Dispose();
                    take(1).Dispose();
                }
            });

            Assert.Equal("set", thrown.Path);
        }

        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    private static SampleSource Source(ILabelledImages data, bool augments) =>
        new(data, new ShardPlan(40, 12, shards: 4, seed: 3), ComputeDevice.Cpu, seed: 5, augments, firstShard: 1, shardCount: 2, totalSteps: Steps + 1, threads: 2);

    // A resumed run begins anywhere, and epochs have other orders.
    private static List<string> All(bool augments, int first, int last)
    {
        using var source = Source(_data, augments);
        var all = new List<string>();
        for (var step = first; step <= last; step++)
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

    // As a packed set whose file is damaged behind some sample.
    private sealed class Unreadable(int from) : ILabelledImages
    {
        public int Count => _data.Count;

        public int Channels => _data.Channels;

        public int Height => _data.Height;

        public int Width => _data.Width;

        public int Classes => _data.Classes;

        public IReadOnlyList<string> ClassNames => [];

        public ReadOnlySpan<int> Labels => _data.Labels;

        public string Sha256 => "";

        public ILabelledImages Take(int limit) => throw new NotSupportedException();

        public void Gather(ReadOnlySpan<int> indices, Span<float> destination_NCHW)
        {
            if (indices.ContainsAnyInRange(from, int.MaxValue))
            {
                throw new DataFileException("set", "samples", "damage");
            }

            _data.Gather(indices, destination_NCHW);
        }

        public void GatherAugmented(ReadOnlySpan<int> indices, Span<float> destination_NCHW, long seed, int epoch) => throw new NotSupportedException();

        public void GatherLabels(ReadOnlySpan<int> indices, Span<long> destination_N) => _data.GatherLabels(indices, destination_N);
    }
}
