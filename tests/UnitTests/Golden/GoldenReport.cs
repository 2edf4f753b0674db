using Lcnn.Distributed.Data.Checkpoints;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Golden;

/// <summary>The comparisons of one test with stored values: how much of the tolerance the worst of them used.</summary>
internal sealed class GoldenReport
{
    private readonly List<(string Name, double Fraction, string Detail)> _comparisons = [];

    public void Check(string name, Tensor actual, SafeTensor expected, Tolerance tolerance)
    {
        Assert.True(expected.Shape.SequenceEqual(actual.shape), $"{name}: shape [{string.Join(", ", actual.shape)}], stored [{string.Join(", ", expected.Shape)}]");
        if (expected.DType == ElementType.I64)
        {
            using var integers = actual.cpu().contiguous();
            Assert.Equal(expected.Values<long>().ToArray(), integers.data<long>().ToArray());
            return;
        }

        using var doubles = actual.detach().to(ScalarType.Float64).cpu().contiguous();
        Check(name, doubles.data<double>().ToArray(), Array.ConvertAll(expected.Values<float>().ToArray(), value => (double)value), tolerance);
    }

    public void Check(string name, double actual, double expected, Tolerance tolerance) => Check(name, [actual], [expected], tolerance);

    public void Check(string name, double[] actual, double[] expected, Tolerance tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        var maximum = expected.Length == 0 ? 0 : expected.Max(Math.Abs);
        var worst = (Fraction: 0.0, Detail: "");
        for (var i = 0; i < expected.Length; i++)
        {
            var fraction = Math.Abs(actual[i] - expected[i]) / tolerance.Limit(expected[i], maximum);
            if (!(fraction <= worst.Fraction))
            {
                // NaN counts as infinitely wrong.
                worst = (double.IsNaN(fraction) ? double.PositiveInfinity : fraction, $"[{i}] = {actual[i]:g9}, stored {expected[i]:g9}");
            }
        }

        _comparisons.Add((name, worst.Fraction, worst.Detail));
    }

    /// <summary>Fails if a value is out of its tolerance, or if nothing was compared.</summary>
    public void AssertWithinTolerance()
    {
        Assert.NotEmpty(_comparisons);
        var worst = _comparisons.MaxBy(comparison => comparison.Fraction);
        TestContext.Current.TestOutputHelper?.WriteLine($"worst fraction of tolerance {worst.Fraction:f4} in {worst.Name} {worst.Detail}");
        Assert.Empty(_comparisons
            .Where(comparison => comparison.Fraction > 1)
            .Select(comparison => $"{comparison.Name} is {comparison.Fraction:g4} times its tolerance off: {comparison.Detail}"));
    }
}
