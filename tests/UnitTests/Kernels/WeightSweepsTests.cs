using Lcnn.Distributed.Model.Kernels;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.UnitTests.Golden;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Kernels;

/// <summary>What owners do to weights in one sweep, against libtorch's operations.</summary>
public sealed class WeightSweepsTests
{
    // 3 x 5 x 3 x 3 is less than one piece, 64 x 40 x 3 x 3 not a whole number of them.
    public static MatrixTheoryData<long, bool, Precision> Cases { get; } = new([3, 64], [false, true], Enum.GetValues<Precision>());

    [Theory]
    [MemberData(nameof(Cases))]
    public void DotAndDivide_AnyLayoutAndSize_IsLibtorchs(long outChannels, bool channelsLast, Precision precision)
    {
        using var one = new OneThread();
        using var draws = new Generator(3);
        var (t, other) = (Draw(draws, outChannels, channelsLast, precision), Draw(draws, outChannels, channelsLast, precision));
        var expected = (t.to(ScalarType.Float64) * other.to(ScalarType.Float64)).sum().ReadDouble();
        var quotient = t.DividedBy(3);

        Assert.True(WeightSweeps.Take(t, other));
        var dot = WeightSweeps.DotAndDivide(t, other, 3);

        // A sum of some thousand products of about 1, in pieces of which each place adds up at most 32.
        Assert.Equal(expected, dot, precision == Precision.Extended ? 1e-10 : 1e-2);
        Assert.Equal(TensorLayout.ToBytes(quotient), TensorLayout.ToBytes(t));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Update_AnyLayoutAndSize_IsTorchsSgdAndLeavesTheGradient(long outChannels, bool channelsLast, Precision precision)
    {
        using var one = new OneThread();
        using var draws = new Generator(3);
        var (w, m, g) = (Draw(draws, outChannels, channelsLast, precision), Draw(draws, outChannels, channelsLast, precision), Draw(draws, outChannels, channelsLast, precision));
        var momentum = m.Times(0.9).Plus(g.PlusScaled(w, 5e-4));
        var (weight, gradient) = (w.PlusScaled(momentum, -0.1), TensorLayout.ToBytes(g));

        WeightSweeps.Update(w, m, g, decay: 5e-4, factor: 0.9, rate: 0.1);

        var rounding = precision == Precision.Extended ? 1e-15 : 1e-6; // a fused product rounds once less
        Assert.InRange((m - momentum).abs().max().ReadDouble(), 0, rounding * 8);
        Assert.InRange((w - weight).abs().max().ReadDouble(), 0, rounding * 8);
        Assert.Equal(gradient, TensorLayout.ToBytes(g));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void IsFinite_OneNumberThatIsNot_IsSeenWhereverItStands(double odd)
    {
        foreach (var precision in Enum.GetValues<Precision>())
        {
            var t = ones(10_001, dtype: precision.ToScalarType());
            Assert.True(t.IsFinite());
            foreach (var place in (long[])[0, 4095, 4096, 10_000])
            {
                using var spoiled = t.clone();
                spoiled.narrow(0, place, 1).fill_(odd);
                Assert.False(WeightSweeps.IsFinite(spoiled));
                Assert.False(Finiteness.AreFinite([t, spoiled]));
            }
        }
    }

    [Fact]
    public void Take_OtherOrderTypeOrHoles_IsRefused()
    {
        var t = TensorLayout.ChannelsLast(ones(4, 6, 3, 3));

        Assert.True(WeightSweeps.Take(t, TensorLayout.ChannelsLast(zeros(4, 6, 3, 3))));
        Assert.False(WeightSweeps.Take(t, zeros(4, 6, 3, 3)));
        Assert.False(WeightSweeps.Take(t, TensorLayout.ChannelsLast(zeros([4, 6, 3, 3], dtype: ScalarType.Float64))));
        Assert.False(WeightSweeps.Take(t.slice(0, 0, 4, 2)));
        Assert.False(WeightSweeps.Take(zeros(3, dtype: ScalarType.Int64)));
    }

    private static Tensor Draw(Generator draws, long outChannels, bool channelsLast, Precision precision)
    {
        var drawn = randn([outChannels, outChannels == 3 ? 5 : 40, 3, 3], dtype: precision.ToScalarType(), generator: draws);
        return channelsLast ? TensorLayout.ChannelsLast(drawn) : drawn;
    }
}
