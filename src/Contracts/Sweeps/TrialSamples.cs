using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Contracts.Sweeps;

/// <summary>The parameters that stand for all that a sweep may try.</summary>
internal static class TrialSamples
{
    private const int MaxCombinations = 4096;

    /// <summary>
    /// Every cell of a grid, every trial of a list. Else every combination of values and of the ends of ranges, or where these are too many, each of them beside
    /// the first and the last of all others.
    /// </summary>
    public static IEnumerable<ParameterSet> Of(SweepSpec spec)
    {
        var space = new SearchSpace(spec.Parameters);
        return spec.KnownTrials() is { } known ? known
            : space.Cells(EndsOf).Skip(MaxCombinations).Any() ? space.Parameters.SelectMany(parameter => Beside(space, parameter))
            : space.Cells(EndsOf);
    }

    private static IEnumerable<ParameterSet> Beside(SearchSpace space, ParameterSpec varied) =>
        new Index[] { 0, ^1 }.SelectMany(end => space.Cells(parameter => parameter == varied ? EndsOf(parameter) : [EndsOf(parameter)[end]]));

    private static IReadOnlyList<OptionValue> EndsOf(ParameterSpec parameter) => parameter.Kind switch
    {
        ParameterKind.Values => parameter.Values,
        ParameterKind.Whole => [(long)parameter.Low, (long)parameter.High],
        _ => [parameter.Low, parameter.High],
    };
}
