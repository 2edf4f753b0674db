using Lcnn.Distributed.Model.Attacks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.UnitTests.Golden;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Attacks;

public sealed class HyperplaneProjectionTests
{
    [Theory]
    [InlineData(AttackNorm.L2, true)]
    [InlineData(AttackNorm.Linf, true)]
    [InlineData(AttackNorm.L2, false)]
    [InlineData(AttackNorm.Linf, false)]
    public void Change_RandomPlanes_IsWhatBisectionFinds(AttackNorm norm, bool isBounded)
    {
        using var one = new OneThread();
        using var generator = new Generator(11);
        const int count = 200, pixels = 12;
        var t = rand([count, pixels], dtype: ScalarType.Float64, generator: generator);
        // Some weights are nothing, some points lie in a corner.
        var w = randn([count, pixels], dtype: ScalarType.Float64, generator: generator);
        w = where(w.abs().IsBelow(0.2), zeros_like(w), w);
        t = where(t.IsAbove(0.9), ones_like(t), t);
        var b = (w * t).sum([1L]).Plus(randn([count], dtype: ScalarType.Float64, generator: generator));
        var range = isBounded ? PixelRange.Unit : PixelRange.Any;

        var change = HyperplaneProjection.Change(t, w, b, new NormBall(norm, 1, range)).ReadDoubles().Chunk(pixels).ToArray();

        var (points, normals, offsets) = (t.ReadDoubles().Chunk(pixels).ToArray(), w.ReadDoubles().Chunk(pixels).ToArray(), b.ReadDoubles());
        for (var row = 0; row < count; row++)
        {
            var expected = Bisect(points[row], normals[row], offsets[row], norm, range);
            Assert.All(change[row].Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-6));
        }
    }

    // The same one-parameter family, its parameter found by halving an interval.
    private static double[] Bisect(double[] t, double[] w, double b, AttackNorm norm, PixelRange range)
    {
        var missing = b - t.Zip(w, (point, weight) => point * weight).Sum();
        double[] At(double lambda) => [.. t.Zip(w, (point, weight) =>
            Math.Clamp(point + (Math.Sign(missing) * lambda * (norm == AttackNorm.L2 ? weight : Math.Sign(weight))), range.Least, range.Most) - point)];
        var (least, most) = (0.0, 1e6);
        for (var i = 0; i < 200; i++)
        {
            var middle = (least + most) / 2;
            var isEnough = Math.Abs(At(middle).Zip(w, (change, weight) => change * weight).Sum()) >= Math.Abs(missing);
            (least, most) = isEnough ? (least, middle) : (middle, most);
        }

        return At(most);
    }
}
