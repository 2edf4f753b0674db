using Lcnn.Distributed.Model.Kernels;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.UnitTests.Golden;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Kernels;

/// <summary>The sweeps over memory against libtorch's operations, which another device runs.</summary>
public sealed class ChannelKernelsTests
{
    private const int Channels = 3;

    // 3 x 40 lines are more than one sum in single precision takes, 5 x 7 not a whole number of vectors.
    public static MatrixTheoryData<int, int, bool, Precision> Cases { get; } = new([1, 3], [7, 40], [false, true], Enum.GetValues<Precision>());

    [Theory]
    [MemberData(nameof(Cases))]
    public void Moments_Sums_Combine_OnTheProcessorAndComposed_Agree(int count, int side, bool channelsLast, Precision precision)
    {
        using var one = new OneThread();
        using var draws = new Generator(9);
        var (t, x, g) = (Draw(), Draw(), Draw());
        var (sweeps, composed) = (ChannelSweeps.Instance, ComposedChannels.Instance);
        var (mean, deviation) = sweeps.Moments(x);
        var (otherMean, otherDeviation) = composed.Moments(x);

        var rounding = precision == Precision.Extended ? 1e-15 : 1e-6;
        var values = count * side * 5;

        AssertClose(otherMean, mean, rounding);
        AssertClose(otherDeviation, deviation, rounding * values);
        AssertClose(composed.Sums(t, (x, mean), (g, null)), sweeps.Sums(t, (x, mean), (g, null)), rounding * values);
        AssertClose(
            composed.Combine(mean, (t, deviation), (x, mean), (g, deviation)), sweeps.Combine(mean, (t, deviation), (x, mean), (g, deviation)), 4 * rounding);

        Tensor Draw()
        {
            var drawn = randn([count, Channels, side, 5], dtype: precision.ToScalarType(), generator: draws);
            return channelsLast ? TensorLayout.ChannelsLast(drawn) : drawn;
        }
    }

    [Fact]
    public void Moments_OfImagesFarFromZero_KeepTheDigitsOfTheDeviation()
    {
        using var one = new OneThread();
        using var draws = new Generator(9);
        var x = TensorLayout.ChannelsLast(randn([64, Channels, 28, 28], generator: draws).Plus(1000));
        var exact = x.to(ScalarType.Float64);

        var (mean, deviation) = ChannelSweeps.Instance.Moments(x);

        var expected = (exact - exact.mean([0L, 2L, 3L], keepdim: true)).square().sum([0L, 2L, 3L]).ReadDoubles();
        Assert.All(exact.mean([0L, 2L, 3L]).ReadDoubles().Zip(mean), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
        Assert.All(expected.Zip(deviation), pair => Assert.Equal(pair.First, pair.Second, 1e-6 * pair.First));
    }

    [Fact]
    public void Combine_ItsResult_IsChannelsLastMemoryOfItsOwn()
    {
        using var one = new OneThread();
        foreach (var kernels in (IChannelKernels[])[ChannelSweeps.Instance, ComposedChannels.Instance])
        {
            var x = ones([2, Channels, 4, 4]);

            var result = kernels.Combine([0, 0, 1], (x, [2, 3, 4]));

            x.zero_();
            Assert.True(result.permute(0, 2, 3, 1).is_contiguous());
            Assert.Equal([2.0, 3.0, 5.0], result.mean([0L, 2L, 3L]).ReadDoubles());
        }
    }

    // One rounding an addend, of products of numbers up to about 4.
    private static void AssertClose(double[] expected, double[] actual, double tolerance) =>
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, tolerance));

    private static void AssertClose(Tensor expected, Tensor actual, double tolerance) =>
        Assert.InRange((expected - actual).abs().max().ReadDouble(), 0, tolerance * expected.abs().max().ReadDouble());
}
