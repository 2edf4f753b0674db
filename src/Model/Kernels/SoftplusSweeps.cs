using System.Numerics;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Lcnn.Distributed.Model.Kernels;

/// <summary>On the processor: slope, products and sums of a line while it is in the first cache.</summary>
internal sealed class SoftplusSweeps : ISoftplusKernels
{
    public static readonly SoftplusSweeps Instance = new();

    private SoftplusSweeps()
    {
    }

    /// <inheritdoc/>
    public (Tensor Slope, Tensor Result) BackwardToInput(Tensor x, Tensor g, double beta) =>
        IsDouble(x) ? BackwardToInput<double>(x, g, beta) : BackwardToInput<float>(x, g, beta);

    /// <inheritdoc/>
    public (Tensor Result, Tensor Second, Tensor Sum) Adjoint(Tensor h, Tensor gs, Tensor s, Tensor x) =>
        IsDouble(x) ? Adjoint<double>(h, gs, s, x) : Adjoint<float>(h, gs, s, x);

    /// <inheritdoc/>
    public (Tensor Result, Tensor? Sum) Backward(Tensor x, Tensor? y, Tensor g, (Tensor Slope, Tensor Second)? passes, double beta) =>
        IsDouble(x) ? Backward<double>(x, y, g, passes, beta) : Backward<float>(x, y, g, passes, beta);

    private static bool IsDouble(Tensor t) => t.dtype == ScalarType.Float64;

    private static (Tensor Slope, Tensor Result) BackwardToInput<T>(Tensor x, Tensor g, double beta)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (slope, result) = (TensorLayout.EmptyLike(x), TensorLayout.EmptyLike(x));
        using var slopes = Pixels<T>.Of(slope);
        using var results = Pixels<T>.Of(result);
        using var xs = Pixels<T>.Of(x);
        using var gs = Pixels<T>.Of(g);
        for (var line = 0; line < xs.Lines; line++)
        {
            Slope(xs.Line(line), beta, slopes.Line(line));
            TensorPrimitives.Multiply(slopes.Line(line), gs.Line(line), results.Line(line));
        }

        return (slope, result);
    }

    private static (Tensor Result, Tensor Second, Tensor Sum) Adjoint<T>(Tensor h, Tensor gs, Tensor s, Tensor x)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (result, second) = (TensorLayout.EmptyLike(x), TensorLayout.EmptyLike(x));
        using var results = Pixels<T>.Of(result);
        using var seconds = Pixels<T>.Of(second);
        using var hs = Pixels<T>.Of(h);
        using var gradients = Pixels<T>.Of(gs);
        using var slopes = Pixels<T>.Of(s);
        using var xs = Pixels<T>.Of(x);
        var sum = 0.0;
        for (var line = 0; line < xs.Lines; line++)
        {
            var into = results.Line(line);
            var t = seconds.Line(line);
            TensorPrimitives.Multiply(hs.Line(line), slopes.Line(line), into);
            TensorPrimitives.Subtract(hs.Line(line), into, t); // h (1 - s)
            TensorPrimitives.Multiply(t, gradients.Line(line), t);
            sum += double.CreateTruncating(TensorPrimitives.Dot<T>(t, xs.Line(line)));
        }

        return (result, second, tensor(sum, dtype: x.dtype));
    }

    private static (Tensor Result, Tensor? Sum) Backward<T>(Tensor x, Tensor? y, Tensor g, (Tensor Slope, Tensor Second)? passes, double beta)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var result = TensorLayout.EmptyLike(x);
        using var results = Pixels<T>.Of(result);
        using var xs = Pixels<T>.Of(x);
        using var ys = Pixels<T>.Of(y ?? x);
        using var gs = Pixels<T>.Of(g);
        using var slopes = Pixels<T>.Of(passes?.Slope ?? x);
        using var seconds = Pixels<T>.Of(passes?.Second ?? x);
        var sum = 0.0;
        for (var line = 0; line < xs.Lines; line++)
        {
            var own = xs.Line(line);
            var slope = gs.Line(line);
            var into = results.Line(line);
            if (passes is null)
            {
                Slope(own, beta, into);
                TensorPrimitives.Multiply(into, slope, into);
            }
            else
            {
                TensorPrimitives.Multiply(slopes.Line(line), slope, into);
            }

            if (y is not null)
            {
                sum += double.CreateTruncating(TensorPrimitives.Dot<T>(into, own) - TensorPrimitives.Dot<T>(slope, ys.Line(line)));
            }

            if (passes is not null)
            {
                TensorPrimitives.MultiplyAdd(seconds.Line(line), T.CreateTruncating(beta), into, into);
            }
        }

        return (result, y is null ? null : tensor(sum, dtype: x.dtype));
    }

    // In 32 bits the sigmoid is 1 above the threshold already.
    private static void Slope<T>(ReadOnlySpan<T> x, double beta, Span<T> into)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        TensorPrimitives.Multiply(x, T.CreateTruncating(beta), into);
        TensorPrimitives.Sigmoid<T>(into, into);
        if (typeof(T) == typeof(double))
        {
            var (factor, bound) = (T.CreateTruncating(beta), T.CreateTruncating(ISoftplusKernels.Threshold));
            for (var i = 0; i < x.Length; i++)
            {
                into[i] = x[i] * factor > bound ? T.One : into[i];
            }
        }
    }
}
