using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Contracts.Sweeps;

/// <summary>Checks the runs that trials would be.</summary>
internal static class TrialSpecValidator
{
    /// <summary>Checks what a sweep may try, and puts the trouble where the offending value comes from, or else with all parameters.</summary>
    public static void Check(SweepSpec spec, ProblemList problems, KnownNames names)
    {
        var seen = new HashSet<SpecProblem>();
        foreach (var parameters in TrialSamples.Of(spec))
        {
            foreach (var problem in Validate(spec, parameters, names).Where(seen.Add))
            {
                problems.Add(spec.Sampler.Kind == "list" ? "trials" : PathOf(problem.Field, parameters), $"a trial with {parameters} cannot run: {NameOf(problem.Field)}: {problem.Message}");
            }
        }
    }

    /// <summary>Every problem of one trial, by the fields of its run.</summary>
    public static IReadOnlyList<SpecProblem> Validate(SweepSpec spec, ParameterSet parameters, KnownNames names)
    {
        var trial = spec.SpecOf(1, parameters);
        if (spec.Scheduler.MaxEpochs is { } most && parameters["epochs"] is { } given && given.AsWhole != most)
        {
            return [.. trial.Validate(names), new SpecProblem(nameof(RunSpec.Epochs), $"expected {most}, scheduler.maxEpochs, which every trial makes, got {given}")];
        }

        return DecidesEpochs(spec, parameters) && trial.Epochs != spec.TrialEpochs()
            ? [.. trial.Validate(names), new SpecProblem(nameof(RunSpec.Epochs), $"expected {spec.TrialEpochs()}, by which scheduler '{spec.Scheduler.Kind}' compares trials, got {trial.Epochs}; set base.epochs")]
            : trial.Validate(names);
    }

    // With "median" a sweep may vary the epochs and says so itself; a recipe's are not meant.
    private static bool DecidesEpochs(SweepSpec spec, ParameterSet parameters) =>
        spec.Scheduler.Kind == "asha" || (spec.Scheduler.Kind == "median" && parameters["epochs"] is null);

    private static string PathOf(string field, ParameterSet parameters)
    {
        var name = NameOf(field);
        return parameters[name] is null ? "parameters" : $"parameters.{name}";
    }

    private static string NameOf(string field) => RunSpecOptions.OfField(field)?.Name ?? field;
}
