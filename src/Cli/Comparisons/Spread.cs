namespace Lcnn.Distributed.Cli.Comparisons;

/// <summary>A figure over the seeds of a method.</summary>
/// <param name="Mean">Of all seeds that have it; NaN where none has.</param>
/// <param name="Deviation">The sample's standard deviation, n - 1 below; NaN of a single seed.</param>
/// <param name="Count">Seeds that have it.</param>
internal readonly record struct Spread(double Mean, double Deviation, int Count)
{
    /// <summary>Of nothing.</summary>
    public static Spread None { get; } = new(double.NaN, double.NaN, 0);

    /// <summary>Of some values; those that are no numbers do not count.</summary>
    public static Spread Of(IEnumerable<double> values)
    {
        var known = values.Where(double.IsFinite).ToArray();
        if (known.Length == 0)
        {
            return None;
        }

        var mean = known.Average();
        return new Spread(mean, known.Length == 1 ? double.NaN : Math.Sqrt(known.Sum(value => (value - mean) * (value - mean)) / (known.Length - 1)), known.Length);
    }

    /// <summary>All of it so many times as large.</summary>
    public Spread Times(double factor) => new(Mean * factor, Deviation * Math.Abs(factor), Count);
}
