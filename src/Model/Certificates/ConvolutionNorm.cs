using Lcnn.Distributed.Model.Kernels;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Certificates;

// Shape suffixes: O output channels, I input channels, K side of the kernel, F frequencies, T places of the kernel.

/// <summary>The operator norm of a convolution with zero padding, from above.</summary>
/// <remarks>
/// A zero-padded H x W image lies in a torus of at least H + padding, W + padding, each a multiple of the stride: there nothing wraps around onto the
/// image. The convolution on the torus is a matrix of O x I s^2 for every frequency, one block of columns for each of the s^2 phases of the kernel
/// (Senderovich et al. 2022), and the largest norm among them bounds the convolution's. (A torus of the image's own size would not: kernel (1, -1) on
/// three pixels has norm 1.802, on a circle of three 1.732.) Each frequency is a sum over the kernel's places with phase factors; unlike a fast
/// transform's, its error is bounded in one line.
/// </remarks>
internal static class ConvolutionNorm
{
    private const long MostElements = 1 << 22; // of one lot of matrices: 64 MiB

    /// <summary>An upper bound of the norm of x to conv(x, W).</summary>
    /// <param name="weight_OIKK">float64; it stays the caller's.</param>
    /// <param name="height">Rows of the input.</param>
    /// <param name="width">Columns of the input.</param>
    /// <param name="steps">Of <see cref="GramIteration"/>.</param>
    public static double Upper(Tensor weight_OIKK, int height, int width, int stride, int padding, int groups = 1, int steps = GramIteration.Steps)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var torus = (Height: Points(height, stride, padding), Width: Points(width, stride, padding));
        var bound = 0.0;
        for (var group = 0; group < groups; group++)
        {
            bound = Math.Max(bound, OfGroup(Convolution.Part(weight_OIKK, 0, group, groups), torus, stride, steps));
        }

        return bound;
    }

    private static double OfGroup(Tensor weight_OIKK, (int Height, int Width) torus, int stride, int steps)
    {
        var (kernel, perFrequency) = (weight_OIKK.shape[2], weight_OIKK.numel() / (weight_OIKK.shape[2] * weight_OIKK.shape[3]) * Math.Min((long)stride * stride, weight_OIKK.shape[2] * weight_OIKK.shape[3]));
        var frequencies = Frequencies(torus, isFlat: kernel <= stride);
        var lot = (int)Math.Clamp(MostElements / perFrequency, 1, frequencies.Count);
        var bound = 0.0;
        foreach (var some in frequencies.Chunk(lot))
        {
            using var scope = NewDisposeScope();
            bound = Math.Max(bound, GramIteration.Upper(Transform(weight_OIKK, some, torus, stride), steps));
        }

        return Upward.Plus(bound, TransformError(weight_OIKK));
    }

    private static int Points(int size, int stride, int padding) => (size + padding + stride - 1) / stride;

    // A real kernel has the same singular values at opposite frequencies; one whose phases are single places has the same at all.
    private static List<(int Row, int Column)> Frequencies((int Height, int Width) torus, bool isFlat)
    {
        var frequencies = new List<(int, int)>();
        for (var row = 0; row < (isFlat ? 1 : torus.Height); row++)
        {
            for (var column = 0; column < (isFlat ? 1 : (torus.Width / 2) + 1); column++)
            {
                frequencies.Add((row, column));
            }
        }

        return frequencies;
    }

    // Shape [F, O, I phases].
    private static Tensor Transform(Tensor weight_OIKK, (int Row, int Column)[] frequencies, (int Height, int Width) torus, int stride)
    {
        var kernel = (int)weight_OIKK.shape[2];
        var weight_TOI = weight_OIKK.permute(2, 3, 0, 1).reshape(kernel * kernel, -1);
        var blocks = new List<Tensor>();
        for (var phase = 0; phase < stride * stride; phase++)
        {
            var places = Enumerable.Range(0, kernel * kernel)
                .Where(place => place / kernel % stride == phase / stride && place % kernel % stride == phase % stride).ToArray();
            if (places.Length > 0)
            {
                var chosen_TOI = weight_TOI.index_select(0, tensor(Array.ConvertAll(places, place => (long)place), device: weight_OIKK.device));
                var (cosine_FT, sine_FT) = PhaseFactors(frequencies, torus, [.. places.Select(place => (place / kernel / stride, place % kernel / stride))], weight_OIKK.device);
                blocks.Add(complex(cosine_FT.mm(chosen_TOI), sine_FT.mm(chosen_TOI)).view(frequencies.Length, weight_OIKK.shape[0], weight_OIKK.shape[1]));
            }
        }

        return blocks.Count == 1 ? blocks[0] : cat([.. blocks], 2);
    }

    private static (Tensor Cosine_FT, Tensor Sine_FT) PhaseFactors(
        (int Row, int Column)[] frequencies, (int Height, int Width) torus, (int Row, int Column)[] places, Device device)
    {
        var (cosine, sine) = (new double[frequencies.Length * places.Length], new double[frequencies.Length * places.Length]);
        for (var f = 0; f < frequencies.Length; f++)
        {
            for (var p = 0; p < places.Length; p++)
            {
                // Whole turns leave as whole numbers, so that the angle is below two turns.
                var turn = ((double)((long)frequencies[f].Row * places[p].Row % torus.Height) / torus.Height)
                    + ((double)((long)frequencies[f].Column * places[p].Column % torus.Width) / torus.Width);
                (sine[(f * places.Length) + p], cosine[(f * places.Length) + p]) = Math.SinCos(-2 * Math.PI * turn);
            }
        }

        return (
            tensor(cosine, frequencies.Length, places.Length, dtype: ScalarType.Float64, device: device),
            tensor(sine, frequencies.Length, places.Length, dtype: ScalarType.Float64, device: device));
    }

    // An angle below 4 pi is off by 8 u times itself at most, a phase factor hence by less than 150 u, a sum of T terms by 2 T u more, the weight itself by
    // u where gains were multiplied in; the sums of the weight's sizes over its places have at most K times its Frobenius norm.
    private static double TransformError(Tensor weight_OIKK)
    {
        var places = weight_OIKK.shape[2] * weight_OIKK.shape[3];
        return Upward.Times((160 + (4 * places)) * Upward.Roundoff, Upward.Times(Upward.Root(places), RowNorms.Frobenius(weight_OIKK)));
    }
}
