namespace Lcnn.Distributed.Cli.Export.Html;

/// <summary>How much of a goal's variance each parameter explains alone.</summary>
/// <remarks>
/// Epsilon squared (T. L. Kelley, "An unbiased correlation ratio measure", PNAS 21, 1935): the variance between groups of trials with
/// similar values, less what as many random groups would have, over the total variance. Ranges are cut into groups of equal size.
/// It knows main effects only: what two parameters do together is not seen.
/// </remarks>
internal static class ParameterImportance
{
    /// <summary>Trials below which nothing is said.</summary>
    public const int MinTrials = 6;

    private const int MaxBins = 8;

    /// <summary>The share of one parameter, 0..1; NaN with too few trials that have it.</summary>
    /// <param name="isCategory">Whether each place is a group of its own.</param>
    /// <param name="observations">The place on the parameter's axis and the goal's value of each trial.</param>
    public static double ShareOf(bool isCategory, IEnumerable<(double Place, double Value)> observations)
    {
        var known = observations.Where(observation => double.IsFinite(observation.Place) && double.IsFinite(observation.Value))
            .OrderBy(observation => observation.Place).ToArray();
        if (known.Length < MinTrials)
        {
            return double.NaN;
        }

        var bins = isCategory ? known.Select(observation => (int)observation.Place) : BinsOf(known);
        var groups = bins.Zip(known).GroupBy(pair => pair.First, pair => pair.Second.Value).Select(group => group.ToArray()).ToArray();
        return EpsilonSquared(groups, known.Length);
    }

    private static double EpsilonSquared(double[][] groups, int count)
    {
        if (groups.Length == count)
        {
            return double.NaN; // no group has two trials to tell noise by
        }

        var mean = groups.Sum(group => group.Sum()) / count;
        var total = groups.Sum(group => group.Sum(value => Square(value - mean)));
        if (groups.Length < 2 || total == 0)
        {
            return 0;
        }

        var within = groups.Sum(group => group.Sum(value => Square(value - group.Average())));
        return Math.Clamp(1 - (within / (count - groups.Length) / (total / (count - 1))), 0, 1);
    }

    // Equal places stay together, so that a bin is a range.
    private static IEnumerable<int> BinsOf((double Place, double Value)[] sorted)
    {
        var count = Math.Clamp((int)Math.Round(Math.Sqrt(sorted.Length)), 2, MaxBins);
        var keepsAll = sorted.Select(observation => observation.Place).Distinct().Count() <= count;
        var bin = 0;
        for (var i = 0; i < sorted.Length; i++)
        {
            if (i > 0 && sorted[i].Place != sorted[i - 1].Place)
            {
                bin = keepsAll ? bin + 1 : i * count / sorted.Length;
            }

            yield return bin;
        }
    }

    private static double Square(double value) => value * value;
}
