using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Kernels;

/// <summary>By libtorch's operations, for memory that lies on another device; nothing comes to the host.</summary>
internal sealed class ComposedSoftplus : ISoftplusKernels
{
    public static readonly ComposedSoftplus Instance = new();

    private ComposedSoftplus()
    {
    }

    /// <inheritdoc/>
    public (Tensor Slope, Tensor Result) BackwardToInput(Tensor x, Tensor g, double beta)
    {
        using var scope = NewDisposeScope();
        var slope = Slope(x, beta);
        return scope.MoveToOuter(slope, g * slope);
    }

    /// <inheritdoc/>
    public (Tensor Result, Tensor Second, Tensor Sum) Adjoint(Tensor h, Tensor gs, Tensor s, Tensor x)
    {
        using var scope = NewDisposeScope();
        var result = h * s;
        var second = (h - result).mul_(gs);
        return scope.MoveToOuter(result, second, Dot(second, x));
    }

    /// <inheritdoc/>
    public (Tensor Result, Tensor? Sum) Backward(Tensor x, Tensor? y, Tensor g, (Tensor Slope, Tensor Second)? passes, double beta)
    {
        using var scope = NewDisposeScope();
        var result = passes is { } made ? g * made.Slope : Slope(x, beta).mul_(g);
        var sum = y is null ? null : Dot(result, x) - Dot(g, y);
        if (passes is { } others)
        {
            result.PlusScaledInPlace(others.Second, beta);
        }

        return (result.MoveToOuterDisposeScope(), sum?.MoveToOuterDisposeScope());
    }

    // In 32 bits the sigmoid is 1 above the threshold already.
    private static Tensor Slope(Tensor x, double beta)
    {
        var scaled = x.Times(beta);
        return scaled.dtype == ScalarType.Float64
            ? where(scaled.IsAbove(ISoftplusKernels.Threshold), ones_like(scaled), scaled.sigmoid())
            : scaled.sigmoid_();
    }

    private static Tensor Dot(Tensor left, Tensor right) => (left * right).sum();
}
