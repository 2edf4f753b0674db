using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Contracts.Sweeps;

/// <summary>The run behind a trial: what <c>lcnn train</c> makes of the base's options and the trial's, in a folder of its own.</summary>
internal static class TrialSpecs
{
    public static RunSpec Build(SweepSpec sweep, int number, ParameterSet parameters)
    {
        var spec = sweep.BaseOptions is { } names ? Rebuild(sweep.Base, names, parameters) : RunSpecOptions.Apply(sweep.Base, parameters);
        return spec with
        {
            Epochs = sweep.Scheduler.MaxEpochs ?? spec.Epochs,
            OutputDirectory = $"{sweep.OutputDirectory.TrimEnd('/')}/trial-{number:d4}",
        };
    }

    // A trial with another network gets that network's recipe, except where the base says otherwise.
    private static RunSpec Rebuild(RunSpec baseSpec, IReadOnlyList<string> names, ParameterSet parameters)
    {
        var given = new Dictionary<string, OptionValue>();
        foreach (var name in names)
        {
            if (RunSpecOptions.Find(name)?.Get(baseSpec) is { } value)
            {
                given[name] = value;
            }
        }

        foreach (var (name, value) in parameters)
        {
            given[name] = value;
        }

        return RunSpecOptions.Build(given);
    }
}
