using Lcnn.Distributed.Data.Randomness;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>How likely a parameter's coordinates are among some trials.</summary>
internal interface IDensity
{
    /// <summary>A coordinate drawn from it.</summary>
    double Draw(ref RandomSource source);

    /// <summary>The density at a coordinate, or the mass of its cell.</summary>
    double At(double coordinate);
}

/// <summary>Categories: a count of each, and one more trial spread over all for the prior.</summary>
internal sealed class CategoryDensity : IDensity
{
    private readonly double[] _shares;

    public CategoryDensity(int categoryCount, IReadOnlyList<double> observations)
    {
        _shares = new double[categoryCount];
        var weights = TrialWeights.Of(observations.Count);
        var kernels = observations.Count + 1;

        // Each trial's kernel is its category smeared a little over all, the less the more trials there are.
        for (var i = 0; i < kernels; i++)
        {
            var weight = i < weights.Length ? weights[i] : 1;
            var smear = i < weights.Length ? 1.0 / kernels : 1;
            var own = i < weights.Length && observations[i] >= 0 ? 1.0 : 0;
            for (var category = 0; category < categoryCount; category++)
            {
                var kernel = smear + (own > 0 && (int)observations[i] == category ? own : 0);
                _shares[category] += weight * kernel / (own + (categoryCount * smear));
            }
        }

        var total = _shares.Sum();
        for (var category = 0; category < categoryCount; category++)
        {
            _shares[category] /= total;
        }
    }

    public double Draw(ref RandomSource source) => TrialWeights.Pick(_shares, source.NextDouble());

    public double At(double coordinate) => _shares[(int)coordinate];
}

/// <summary>How much each trial counts in a density.</summary>
internal static class TrialWeights
{
    private const int RecentCount = 25;

    /// <summary>1 for the newest 25; the older ones rise to it linearly from 1/n.</summary>
    public static double[] Of(int count)
    {
        var weights = new double[count];
        var older = count - RecentCount;
        for (var i = 0; i < count; i++)
        {
            weights[i] = i >= older ? 1 : (1.0 / count) + (older > 1 ? (1 - (1.0 / count)) * i / (older - 1) : 0);
        }

        return weights;
    }

    /// <summary>The index at which the running sum of shares passes a number in [0, 1).</summary>
    public static int Pick(double[] shares, double at)
    {
        for (var i = 0; i < shares.Length - 1; i++)
        {
            at -= shares[i];
            if (at < 0)
            {
                return i;
            }
        }

        return shares.Length - 1;
    }
}
