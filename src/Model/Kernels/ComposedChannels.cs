using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Kernels;

/// <summary>By libtorch's operations, for memory that lies on another device: sums come to the host together, once a call.</summary>
internal sealed class ComposedChannels : IChannelKernels
{
    private static readonly long[] _overImages = [0, 2, 3];

    public static readonly ComposedChannels Instance = new();

    private ComposedChannels()
    {
    }

    /// <inheritdoc/>
    public (double[] Mean, double[] Deviation) Moments(Tensor t_BCHW)
    {
        using var scope = NewDisposeScope();
        var mean_C = t_BCHW.mean(_overImages);
        var centered_BCHW = t_BCHW - Images(mean_C);
        var deviation_C = (centered_BCHW * centered_BCHW).sum(_overImages);
        var both = stack([mean_C, deviation_C]).ReadDoubles();
        return (both[..(both.Length / 2)], both[(both.Length / 2)..]);
    }

    /// <inheritdoc/>
    public double[] Sums(Tensor t_BCHW, params IReadOnlyList<(Tensor Images_BCHW, double[]? Center)> factors)
    {
        using var scope = NewDisposeScope();
        return stack([t_BCHW.sum(_overImages), .. factors.Select(factor => (t_BCHW * Centered(factor)).sum(_overImages))]).ReadDoubles();

        Tensor Centered((Tensor Images_BCHW, double[]? Center) factor) =>
            factor.Center is { } center ? factor.Images_BCHW - Spread(center, t_BCHW) : factor.Images_BCHW;
    }

    /// <inheritdoc/>
    public Tensor Combine(double[] rest, params IReadOnlyList<(Tensor Images_BCHW, double[] Factor)> terms)
    {
        using var scope = NewDisposeScope();
        var first = terms[0].Images_BCHW;
        var sum = TensorLayout.EmptyLike(first).copy_(Spread(rest, first).expand(first.shape));
        foreach (var (images_BCHW, factor) in terms)
        {
            sum.PlusProductInPlace(images_BCHW, Spread(factor, first));
        }

        return sum.MoveToOuterDisposeScope();
    }

    private static Tensor Spread(double[] values, Tensor like) => Images(tensor(values, dtype: like.dtype, device: like.device));

    private static Tensor Images(Tensor values_C) => values_C.view(1, -1, 1, 1);
}
