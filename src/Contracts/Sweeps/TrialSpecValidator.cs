using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Contracts.Sweeps;

/// <summary>Checks the runs that trials would be: every combination of values and of the ends of ranges, up to a bound.</summary>
internal static class TrialSpecValidator
{
    private const int MaxCombinations = 4096;

    public static void Check(SweepSpec spec, ProblemList problems)
    {
        var seen = new HashSet<SpecProblem>();
        foreach (var parameters in new SearchSpace(spec.Parameters).Cells(EndsOf).Take(MaxCombinations))
        {
            foreach (var problem in spec.SpecOf(1, parameters).Validate().Where(seen.Add))
            {
                problems.Add(PathOf(problem.Field, parameters), $"a trial with {parameters} cannot run: {NameOf(problem.Field)}: {problem.Message}");
            }
        }
    }

    private static IReadOnlyList<OptionValue> EndsOf(ParameterSpec parameter) => parameter.Kind switch
    {
        ParameterKind.Values => parameter.Values,
        ParameterKind.Whole => [(long)parameter.Low, (long)parameter.High],
        _ => [parameter.Low, parameter.High],
    };

    // The trouble is put where the offending value comes from, or else with all parameters.
    private static string PathOf(string field, ParameterSet parameters)
    {
        var name = NameOf(field);
        return parameters[name] is null ? "parameters" : $"parameters.{name}";
    }

    private static string NameOf(string field) => RunSpecOptions.OfField(field)?.Name ?? field;
}
