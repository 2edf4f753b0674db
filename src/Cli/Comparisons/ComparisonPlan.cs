using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Cli.Comparisons;

/// <summary>Which networks a comparison trains.</summary>
/// <param name="Methods">Each once; the first is the baseline.</param>
/// <param name="Seed">The first one; others follow it.</param>
internal sealed record ComparisonPlan(IReadOnlyList<PlannedMethod> Methods, long Seed)
{
    private const string MethodName = "method";
    private const string SeedName = "seed";

    /// <summary>What trials of the first seeds say besides, such as their attacks.</summary>
    public IReadOnlyList<KeyValuePair<string, OptionValue>> OfFirstSeeds { get; init; } = [];

    /// <summary>How many seeds those are.</summary>
    public int FirstSeeds { get; init; } = 1;

    /// <summary>The trials in order: all methods from one seed before any from the next, so that a table is whole early.</summary>
    public IReadOnlyList<ParameterSet> Trials() =>
    [
        .. from place in Enumerable.Range(0, Methods.Max(method => method.Seeds))
           from method in Methods
           where place < method.Seeds
           select new ParameterSet([new(MethodName, method.Name), new(SeedName, Seed + place), .. place < FirstSeeds ? OfFirstSeeds : []]),
    ];

    /// <summary>The method of a trial; empty where it has none.</summary>
    public static string MethodOf(ParameterSet parameters) => parameters[MethodName]?.Text ?? "";

    /// <summary>The seed of a trial.</summary>
    public static long SeedOf(ParameterSet parameters) => parameters[SeedName]?.AsWhole ?? 0;
}

/// <summary>A method, and from how many seeds it is trained.</summary>
internal sealed record PlannedMethod(string Name, int Seeds);
