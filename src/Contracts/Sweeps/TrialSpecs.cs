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

    /// <summary>As in <see cref="Build"/>, without the rest: it is asked for at every epoch, and by displays of parameters that they may not know.</summary>
    public static int EpochsOf(SweepSpec sweep, ParameterSet parameters) =>
        sweep.Scheduler.MaxEpochs ?? (int?)parameters["epochs"]?.AsWhole
        ?? (sweep.BaseOptions?.Contains("epochs") ?? true ? sweep.Base.Epochs : Recipes.For(
            parameters["preset"]?.Text ?? sweep.Base.Preset, parameters["dataset"]?.Text ?? sweep.Base.Dataset,
            parameters["arch"]?.Text ?? sweep.Base.Architecture).Epochs);

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
