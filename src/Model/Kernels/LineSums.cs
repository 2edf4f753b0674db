using System.Numerics;

namespace Lcnn.Distributed.Model.Kernels;

/// <summary>Sums a channel over lines of images.</summary>
internal sealed class LineSums<T>(int count, int channels, int width)
    where T : unmanaged, INumber<T>
{
    // So few that a sum in single precision keeps about seven digits.
    private const int LinesOfASum = 32;

    private readonly T[] _lines = new T[count * width];
    private readonly double[] _totals = new double[count * channels];
    private int _summed;

    /// <summary>One of the sums, for every place of a line.</summary>
    public Span<T> this[int which] => _lines.AsSpan(which * width, width);

    /// <summary>Called after each line: after some of them takes what was summed into double.</summary>
    public void EndLine()
    {
        if (++_summed == LinesOfASum)
        {
            Flush();
        }
    }

    /// <summary>[count, channels] one after the other.</summary>
    public double[] Totals()
    {
        Flush();
        return _totals;
    }

    private void Flush()
    {
        for (var which = 0; which < count; which++)
        {
            var line = this[which];
            var totals = _totals.AsSpan(which * channels, channels);
            for (var start = 0; start < width; start += channels)
            {
                for (var channel = 0; channel < channels; channel++)
                {
                    totals[channel] += double.CreateTruncating(line[start + channel]);
                }
            }

            line.Clear();
        }

        _summed = 0;
    }
}
