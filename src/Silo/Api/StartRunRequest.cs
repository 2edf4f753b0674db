using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Silo.Api;

/// <summary>What a run is started with: its options by name, or a whole spec.</summary>
internal sealed record StartRunRequest
{
    /// <summary>The run's id; without one it gets a new one. A repeated request with an id does nothing.</summary>
    public string? Id { get; init; }

    /// <summary>The options of <c>lcnn train</c> in camelCase, such as <c>{"dataset": "digits", "lr": 0.1}</c>; what is left out has its default.</summary>
    public Dictionary<string, OptionValue>? Options { get; init; }

    /// <summary>A spec as that of another run, with changes: nothing in it follows from anything else.</summary>
    public RunSpec? Spec { get; init; }

    /// <summary>Where the run writes, on the silos; empty for a folder of its own under <c>runs/</c>.</summary>
    public string OutputDirectory { get; init; } = "";

    /// <summary>What people call it; at most 32 words of at most 64 letters.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The spec.</summary>
    /// <exception cref="InvalidSpecException">Neither, or both, or an option that there is not; every problem is named.</exception>
    public RunSpec ToSpec()
    {
        if (RunTags.ProblemsOf(Tags ?? []) is { Count: > 0 } wrong)
        {
            throw new InvalidSpecException(wrong);
        }

        if ((Options is null) == (Spec is null))
        {
            throw new InvalidSpecException([new SpecProblem("options", "expected either 'options' or 'spec'")]);
        }

        return Spec is { } whole ? whole with { OutputDirectory = OutputDirectory, ResumeFrom = null } : Build(Options!) with { OutputDirectory = OutputDirectory };
    }

    private static RunSpec Build(Dictionary<string, OptionValue> options)
    {
        var (problems, given) = (new List<SpecProblem>(), new Dictionary<string, OptionValue>());
        foreach (var (name, value) in options)
        {
            if (RunSpecOptions.Find(name) is not { } option)
            {
                problems.Add(new SpecProblem($"options.{name}", $"there is no such option; expected some of {string.Join(", ", RunSpecOptions.AllNames)}"));
            }
            else if (option.Convert(value, KnownNames.OfAnyCluster) is var (converted, problem) && converted is not null)
            {
                given[name] = converted;
            }
            else
            {
                problems.Add(new SpecProblem($"options.{name}", problem!));
            }
        }

        return problems.Count > 0 ? throw new InvalidSpecException(problems) : RunSpecOptions.Build(given);
    }
}
