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

        SgdSweep.Update(w, m, g, new SgdSweep.Factors(Decay: 5e-4, Momentum: 0.9, Rate: 0.1));

        var rounding = precision == Precision.Extended ? 1e-15 : 1e-6; // a fused product rounds once less
        Assert.InRange((m - momentum).abs().max().ReadDouble(), 0, rounding * 8);
        Assert.InRange((w - weight).abs().max().ReadDouble(), 0, rounding * 8);
        Assert.Equal(gradient, TensorLayout.ToBytes(g));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Update_NesterovOfClippedGradients_IsTorchsSgd(long outChannels, bool channelsLast, Precision precision)
    {
        using var one = new OneThread();
        using var draws = new Generator(3);
        var (w, m, g) = (Draw(draws, outChannels, channelsLast, precision), Draw(draws, outChannels, channelsLast, precision), Draw(draws, outChannels, channelsLast, precision));
        var decayed = g.Times(0.25).PlusScaled(w, 5e-4);
        var momentum = m.Times(0.9).Plus(decayed);
        var (weight, gradient) = (w.PlusScaled(decayed.PlusScaled(momentum, 0.9), -0.1), TensorLayout.ToBytes(g));

        SgdSweep.Update(w, m, g, new SgdSweep.Factors(Decay: 5e-4, Momentum: 0.9, Rate: 0.1, GradientScale: 0.25, IsNesterov: true));

        AssertNear(momentum, m, precision);
        AssertNear(weight, w, precision);
        Assert.Equal(gradient, TensorLayout.ToBytes(g));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Update_OfAdamW_IsTorchsFormulaAndLeavesTheGradient(long outChannels, bool channelsLast, Precision precision)
    {
        using var one = new OneThread();
        using var draws = new Generator(3);
        var (w, m, g) = (Draw(draws, outChannels, channelsLast, precision), Draw(draws, outChannels, channelsLast, precision), Draw(draws, outChannels, channelsLast, precision));
        var v = Draw(draws, outChannels, channelsLast, precision).abs_();
        var scaled = g.Times(0.5);
        var (mean, square) = (m.Times(0.9).PlusScaled(scaled, 1 - 0.9), v.Times(0.99).PlusScaled(scaled * scaled, 1 - 0.99));
        var weight = w.Times(0.999).PlusScaled(mean / square.sqrt().DividedBy(0.7).Plus(1e-3), -0.1);
        var gradient = TensorLayout.ToBytes(g);

        AdamWSweep.Update(w, m, v, g, new AdamWSweep.Factors(Kept: 0.999, Beta1: 0.9, Beta2: 0.99, Rate: 0.1, RootScale: 0.7, Epsilon: 1e-3, GradientScale: 0.5));

        AssertNear(mean, m, precision);
        AssertNear(square, v, precision);
        AssertNear(weight, w, precision);
        Assert.Equal(gradient, TensorLayout.ToBytes(g));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void BlendAndSumOfSquares_AnyLayoutAndSize_AreLibtorchs(long outChannels, bool channelsLast, Precision precision)
    {
        using var one = new OneThread();
        using var draws = new Generator(3);
        var (average, value) = (Draw(draws, outChannels, channelsLast, precision), Draw(draws, outChannels, channelsLast, precision));
        var expected = average.Times(0.75).PlusScaled(value, 0.25);
        var wide = value.to(ScalarType.Float64);

        WeightSweeps.Blend(average, value, 0.25);

        AssertNear(expected, average, precision);
        Assert.Equal((wide * wide).sum().ReadDouble(), WeightSweeps.SumOfSquares(value), 1e-9);
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

    private static void AssertNear(Tensor expected, Tensor actual, Precision precision) =>
        Assert.InRange((actual - expected).abs().max().ReadDouble(), 0, precision == Precision.Extended ? 1e-14 : 1e-5);

    private static Tensor Draw(Generator draws, long outChannels, bool channelsLast, Precision precision)
    {
        var drawn = randn([outChannels, outChannels == 3 ? 5 : 40, 3, 3], dtype: precision.ToScalarType(), generator: draws);
        return channelsLast ? TensorLayout.ChannelsLast(drawn) : drawn;
    }
}
