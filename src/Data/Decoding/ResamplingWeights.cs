namespace Lcnn.Distributed.Data.Decoding;

/// <summary>Which inputs each output of one direction is made of, and how much each counts, in fixed point: Pillow's antialiased bilinear filter.</summary>
/// <remarks>libImaging/Resample.c, precompute_coeffs and normalize_coeffs_8bpc. The weights come from additions, multiplications and divisions alone, which are exact to the bit everywhere.</remarks>
internal sealed class ResamplingWeights
{
    /// <summary>Bits behind the point: 32, less 8 for a value and 2 for sums beyond 255.</summary>
    public const int Bits = 32 - 8 - 2;

    private readonly int[] _first;
    private readonly int[][] _weights;

    private ResamplingWeights(int[] first, int[][] weights) => (_first, _weights) = (first, weights);

    /// <summary>Outputs.</summary>
    public int Count => _first.Length;

    /// <summary>The first input that any output needs.</summary>
    public int Begin => _first[0];

    /// <summary>Behind the last input that any output needs.</summary>
    public int End => _first[^1] + _weights[^1].Length;

    /// <summary>The first input of an output and the weights from there on.</summary>
    public (int First, int[] Weights) this[int output] => (_first[output], _weights[output]);

    /// <summary>The weights of outputs <paramref name="start"/> and on out of <paramref name="resized"/> that <paramref name="length"/> inputs become.</summary>
    public static ResamplingWeights Of(int length, long resized, long start, int count)
    {
        var scale = length / (double)resized;
        var support = Math.Max(scale, 1);
        var (first, weights) = (new int[count], new int[count][]);
        for (var i = 0; i < count; i++)
        {
            var center = (start + i + 0.5) * scale;
            first[i] = Math.Max(0, (int)(center - support + 0.5));
            var end = Math.Min(length, (int)(center + support + 0.5));
            weights[i] = Weigh(first[i], end, center, 1 / support);
        }

        return new ResamplingWeights(first, weights);
    }

    private static int[] Weigh(int begin, int end, double center, double step)
    {
        var exact = new double[end - begin];
        var sum = 0.0;
        for (var x = 0; x < exact.Length; x++)
        {
            var distance = Math.Abs((x + begin - center + 0.5) * step);
            exact[x] = distance < 1 ? 1 - distance : 0;
            sum += exact[x];
        }

        return [.. exact.Select(weight => (int)(0.5 + ((sum == 0 ? weight : weight / sum) * (1 << Bits))))];
    }
}
