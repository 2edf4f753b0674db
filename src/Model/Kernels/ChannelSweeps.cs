using System.Numerics;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Lcnn.Distributed.Model.Kernels;

/// <summary>On the processor: one sweep over memory where libtorch would make one an operation.</summary>
/// <remarks>
/// A line of an image, W C numbers that lie side by side in channels-last layout, stays in the first cache while all that is done to it is done.
/// Sums of a channel run over some lines in the images' own type, then into double.
/// </remarks>
internal sealed class ChannelSweeps : IChannelKernels
{
    public static readonly ChannelSweeps Instance = new();

    private ChannelSweeps()
    {
    }

    /// <inheritdoc/>
    public (double[] Mean, double[] Deviation) Moments(Tensor t_BCHW) => IsDouble(t_BCHW) ? Moments<double>(t_BCHW) : Moments<float>(t_BCHW);

    /// <inheritdoc/>
    public double[] Sums(Tensor t_BCHW, params IReadOnlyList<(Tensor Images_BCHW, double[]? Center)> factors) =>
        IsDouble(t_BCHW) ? Sums<double>(t_BCHW, factors) : Sums<float>(t_BCHW, factors);

    /// <inheritdoc/>
    public Tensor Combine(double[] rest, params IReadOnlyList<(Tensor Images_BCHW, double[] Factor)> terms) =>
        IsDouble(terms[0].Images_BCHW) ? Combine<double>(rest, terms) : Combine<float>(rest, terms);

    private static bool IsDouble(Tensor t) => t.dtype == ScalarType.Float64;

    // Squares of deviations from a number near the mean: of the first image's.
    private static (double[] Mean, double[] Deviation) Moments<T>(Tensor t_BCHW)
        where T : unmanaged, INumber<T>
    {
        using var first_BCHW = t_BCHW.narrow(0, 0, 1);
        double pixels = t_BCHW.shape[2] * t_BCHW.shape[3], count = pixels * t_BCHW.shape[0];
        var mean = Array.ConvertAll(Sums<T>(first_BCHW, []), sum => Rounded<T>(sum / pixels));
        var deviation = new double[mean.Length];
        var moments = CenteredMoments<T>(t_BCHW, mean);
        for (var c = 0; c < mean.Length; c++)
        {
            var (sum, squares) = (moments[c], moments[mean.Length + c]);
            mean[c] += sum / count;
            deviation[c] = squares - (sum * sum / count);
        }

        return (mean, deviation);
    }

    // For every channel the sum of t - c and that of its square, one after the other.
    private static double[] CenteredMoments<T>(Tensor t_BCHW, double[] center)
        where T : unmanaged, INumber<T>
    {
        using var t = Pixels<T>.Of(t_BCHW);
        var (sums, spread, centered) = (new LineSums<T>(2, t.Channels, t.Width), t.Spread(center), new T[t.Width]);
        for (var line = 0; line < t.Lines; line++)
        {
            TensorPrimitives.Subtract(t.Line(line), spread, centered);
            TensorPrimitives.Add(sums[0], centered, sums[0]);
            TensorPrimitives.MultiplyAdd(centered, centered, sums[1], sums[1]);
            sums.EndLine();
        }

        return sums.Totals();
    }

    private static double[] Sums<T>(Tensor t_BCHW, IReadOnlyList<(Tensor Images_BCHW, double[]? Center)> factors)
        where T : unmanaged, INumber<T>
    {
        using var t = Pixels<T>.Of(t_BCHW);
        var others = factors.Select(factor => Pixels<T>.Of(factor.Images_BCHW)).ToArray();
        var centers = factors.Select(factor => factor.Center is { } center ? t.Spread(center) : null).ToArray();
        var sums = new LineSums<T>(1 + factors.Count, t.Channels, t.Width);
        var centered = new T[t.Width];
        for (var line = 0; line < t.Lines; line++)
        {
            var own = t.Line(line);
            TensorPrimitives.Add(sums[0], own, sums[0]);
            for (var k = 0; k < others.Length; k++)
            {
                ReadOnlySpan<T> other = others[k].Line(line);
                if (centers[k] is { } center)
                {
                    TensorPrimitives.Subtract(other, center, centered);
                    other = centered;
                }

                TensorPrimitives.MultiplyAdd(own, other, sums[k + 1], sums[k + 1]);
            }

            sums.EndLine();
        }

        Array.ForEach(others, other => other.Dispose());
        var totals = sums.Totals();
        for (var k = 0; k < factors.Count; k++)
        {
            AddRounding<T>(totals, factors[k].Center, k + 1);
        }

        return totals;
    }

    // The center was one in the images' own type.
    private static void AddRounding<T>(double[] totals, double[]? center, int row)
        where T : unmanaged, INumber<T>
    {
        for (var c = 0; c < center?.Length; c++)
        {
            totals[(row * center.Length) + c] += (Rounded<T>(center[c]) - center[c]) * totals[c];
        }
    }

    private static double Rounded<T>(double value)
        where T : unmanaged, INumber<T> => double.CreateTruncating(T.CreateTruncating(value));

    private static Tensor Combine<T>(double[] rest, IReadOnlyList<(Tensor Images_BCHW, double[] Factor)> terms)
        where T : unmanaged, INumber<T>
    {
        var images = terms.Select(term => Pixels<T>.Of(term.Images_BCHW)).ToArray();
        var factors = terms.Select((term, k) => images[k].Spread(term.Factor)).ToArray();
        var spread = images[0].Spread(rest);
        var result_BCHW = TensorLayout.EmptyLike(terms[0].Images_BCHW);
        using var result = Pixels<T>.Of(result_BCHW);
        for (var line = 0; line < result.Lines; line++)
        {
            var to = result.Line(line);
            TensorPrimitives.MultiplyAdd(images[0].Line(line), factors[0], spread, to);
            for (var k = 1; k < images.Length; k++)
            {
                TensorPrimitives.MultiplyAdd(images[k].Line(line), factors[k], to, to);
            }
        }

        Array.ForEach(images, image => image.Dispose());
        return result_BCHW;
    }
}
