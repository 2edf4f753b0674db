using Lcnn.Distributed.Data.Randomness;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Curvature;

/// <summary>Where power iterations on Hessians begin: normal values that follow from (seed, sample).</summary>
internal static class StartDirections
{
    /// <summary>One direction a sample.</summary>
    /// <param name="shape">[samples, ...].</param>
    public static Tensor Of(long seed, IReadOnlyList<int> indices, long[] shape)
    {
        var values = new float[shape.Aggregate(1L, (product, size) => product * size)];
        var pixels = values.Length / indices.Count;
        for (var i = 0; i < indices.Count; i++)
        {
            var draws = RandomSource.For(seed, RandomPurpose.CurvatureDirection, indices[i]);
            for (var pixel = 0; pixel < pixels; pixel++)
            {
                values[(i * pixels) + pixel] = (float)draws.NextNormal();
            }
        }

        return tensor(values, shape);
    }
}
