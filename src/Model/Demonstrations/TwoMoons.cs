using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Data.Randomness;

namespace Lcnn.Distributed.Model.Demonstrations;

/// <summary>Two interleaving half circles with noise, as sklearn's <c>make_moons</c> has them: the data of the paper's figure 1.</summary>
public static class TwoMoons
{
    /// <summary>Points as images of two channels and one pixel; half of them of each class, in turn.</summary>
    /// <param name="noise">Standard deviation of each coordinate.</param>
    /// <param name="seed">Of the noise.</param>
    public static FloatImages Create(int count, double noise, long seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 4);
        ArgumentOutOfRangeException.ThrowIfNegative(noise);
        var (points_N2, labels_N) = (new float[2 * count], new int[count]);
        for (var place = 0; place < count; place++)
        {
            var (label, draws) = (place % 2, RandomSource.For(seed, RandomPurpose.TwoMoons, place));
            var angle = Math.PI * (place / 2) / Math.Max(1, ((count - label + 1) / 2) - 1);
            var (x, y) = label == 0 ? (Math.Cos(angle), Math.Sin(angle)) : (1 - Math.Cos(angle), 0.5 - Math.Sin(angle));
            points_N2[2 * place] = (float)(x + (noise * draws.NextNormal()));
            points_N2[(2 * place) + 1] = (float)(y + (noise * draws.NextNormal()));
            labels_N[place] = label;
        }

        return new FloatImages(points_N2, labels_N, channels: 2, height: 1, width: 1, classes: 2);
    }
}
