using System.Runtime.InteropServices;
using Lcnn.Distributed.Data.Randomness;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Layers;

/// <summary>Draws initial tensors from a <see cref="RandomSource"/>; torch's global generator is never used.</summary>
internal static class Initializer
{
    /// <summary>15 at construction, one at registration (conv_spectral_norm.py:33, and torch's own for linears).</summary>
    public const int RegistrationIterations = 16;

    /// <summary>And one in the warm-up forward pass (resnet_spectral.py:125).</summary>
    public const int PowerIterations = RegistrationIterations + 1;

    /// <summary>U(-1/sqrt(fan in), 1/sqrt(fan in)): torch's default for convolutions and linears.</summary>
    public static Tensor Uniform(ref RandomSource draws, long[] shape, long fanIn, ScalarType dtype)
    {
        var bound = 1 / Math.Sqrt(fanIn);
        // Straight into the tensor's memory, without a copy of twice the size in the runtime's.
        var uniform = empty(shape, dtype: dtype);
        if (dtype == ScalarType.Float64)
        {
            foreach (ref var value in MemoryMarshal.Cast<byte, double>(uniform.bytes))
            {
                value = Draw(ref draws, bound);
            }
        }
        else
        {
            foreach (ref var value in MemoryMarshal.Cast<byte, float>(uniform.bytes))
            {
                value = (float)Draw(ref draws, bound);
            }
        }

        return uniform;
    }

    private static double Draw(ref RandomSource draws, double bound) => ((2 * draws.NextDouble()) - 1) * bound;

    /// <summary>Standard normal values divided by their l2 norm.</summary>
    public static Tensor UnitNormal(ref RandomSource draws, long[] shape, ScalarType dtype)
    {
        var values = new double[shape.Aggregate(1L, (product, size) => product * size)];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = draws.NextNormal();
        }

        var norm = Math.Sqrt(values.Sum(value => value * value));
        return tensor(Array.ConvertAll(values, value => value / norm), shape, dtype: dtype);
    }

    public static ConvSpectralNorm ConvVectors(long seed, int layer, ConvGeometry geometry, SpectralGrid grid, ScalarType dtype)
    {
        var draws = RandomSource.For(seed, RandomPurpose.SingularVectors, layer);
        var u = UnitNormal(ref draws, ConvSpectralNorm.ShapeOfU(geometry, grid), dtype).DetachFromDisposeScope();
        // The first iteration overwrites v.
        var v = zeros(ConvSpectralNorm.ShapeOfV(geometry, grid), dtype: dtype).DetachFromDisposeScope();
        return new ConvSpectralNorm(geometry, grid, u, v);
    }

    public static LinearSpectralNorm LinearVectors(long seed, int layer, int inFeatures, int outFeatures, ScalarType dtype)
    {
        var draws = RandomSource.For(seed, RandomPurpose.SingularVectors, layer);
        var u = UnitNormal(ref draws, [outFeatures], dtype).DetachFromDisposeScope();
        return new LinearSpectralNorm(u, UnitNormal(ref draws, [inFeatures], dtype).DetachFromDisposeScope());
    }
}
