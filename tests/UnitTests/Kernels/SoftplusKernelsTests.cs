using Lcnn.Distributed.Model.Kernels;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.UnitTests.Golden;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Kernels;

/// <summary>The sweeps over memory against libtorch's operations, which another device runs.</summary>
public sealed class SoftplusKernelsTests
{
    public static MatrixTheoryData<double, bool, Precision> Cases { get; } = new([0.05, 3, 1000], [false, true], Enum.GetValues<Precision>());

    [Theory]
    [MemberData(nameof(Cases))]
    public void Passes_OnTheProcessorAndComposed_Agree(double beta, bool areImages, Precision precision)
    {
        using var one = new OneThread();
        using var draws = new Generator(9);
        var (x, g, h, total) = (Draw(), Draw(), Draw(), Draw());
        var y = x.Softplus(beta, 20);

        Assert.All(Results(ComposedSoftplus.Instance).Zip(Results(SoftplusSweeps.Instance)), pair => Assert.InRange(
            (pair.First - pair.Second).abs().max().ReadDouble(), 0, Rounding(pair.First)));

        Tensor[] Results(ISoftplusKernels kernels)
        {
            var alone = kernels.Backward(x, y, total, null, beta);
            var (slope, gs) = kernels.BackwardToInput(x, g, beta);
            var adjoint = kernels.Adjoint(h, gs, slope, x);
            var whole = kernels.Backward(x, y, total, (slope, adjoint.Second), beta);
            Assert.Null(kernels.Backward(x, null, total, (slope, adjoint.Second), beta).Sum);
            return [alone.Result, alone.Sum!, slope, gs, adjoint.Result, adjoint.Second, adjoint.Sum, whole.Result, whole.Sum!];
        }

        Tensor Draw()
        {
            var drawn = areImages
                ? TensorLayout.ChannelsLast(randn([3, 4, 7, 5], dtype: precision.ToScalarType(), generator: draws))
                : randn([6, 10], dtype: precision.ToScalarType(), generator: draws);
            return drawn.TimesInPlace(2);
        }

        // Of a sum: one rounding for each of up to 420 products of two numbers up to about 6.
        double Rounding(Tensor expected) =>
            (precision == Precision.Extended ? 1e-15 : 1e-6) * (expected.ndim == 0 ? x.numel() * 10 : Math.Max(4, 4 * expected.abs().max().ReadDouble()));
    }
}
