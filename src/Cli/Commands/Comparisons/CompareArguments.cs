using System.CommandLine;
using System.Globalization;
using Lcnn.Distributed.Cli.Comparisons;
using Lcnn.Distributed.Cli.Display;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Networks;

namespace Lcnn.Distributed.Cli.Commands.Comparisons;

/// <summary>Turns the command line of <c>lcnn compare</c> into a sweep.</summary>
internal sealed class CompareArguments(ArgumentReader reader, CompareOptions options, CliServices services)
{
    private const int MostSeeds = 1000;
    private const int MostConcurrent = 1000;
    private const string DefaultNetwork = "resnet8";

    private static readonly RunSpec _fresh = new();

    /// <summary>The request.</summary>
    /// <exception cref="ArgumentsRefusedException">Something is wrong; every problem is named.</exception>
    public async Task<CompareRequest> ReadAsync(CancellationToken cancellationToken)
    {
        var places = new ComparePlaces(reader, options, services);
        var names = places.IsRemote ? KnownNames.OfAnyCluster : KnownNames.BuiltIn;
        var robustness = options.Robustness.Apply(reader, _fresh with { EvalAttacks = EvaluationNames.Ensemble });
        var given = await ReadGivenAsync(robustness, names, places.IsRemote, cancellationToken);
        var attackSeeds = reader.WholeNumber(options.AttackSeeds, minimum: 0) ?? 1;
        var plan = ReadPlan() with { FirstSeeds = attackSeeds, OfFirstSeeds = [new("evalAttacks", robustness.EvalAttacks)] };
        reader.ThrowIfProblems();
        var spec = Sweep(plan, given, places.IsRemote);
        Check(spec, names);
        reader.ThrowIfProblems();
        return places.Choose(new CompareRequest(spec, [.. plan.Methods.Select(method => method.Name)], "", ComparePlaces.ThisProcess(spec), Command())
        {
            Attacks = attackSeeds == 0 ? null
                : $"{robustness.EvalAttacks} in {robustness.EvalNorm} on the first {Format.Counted(AttackedSamples(robustness), "test sample")}, {(attackSeeds == 1 ? "first seed" : $"first {attackSeeds} seeds")} of each method",
        });
    }

    private static int AttackedSamples(RunSpec robustness) => robustness.EvalAttackSamples > 0 ? robustness.EvalAttackSamples : robustness.EvalSamples;

    private SweepSpec Sweep(ComparisonPlan plan, Dictionary<string, OptionValue> given, bool isRemote)
    {
        var trials = plan.Trials();
        var made = RunSpecOptions.Build(given);
        var concurrent = reader.WholeNumber(options.Concurrent, minimum: 1) ?? (isRemote ? trials.Count : Math.Max(1, services.ProcessorCount / Math.Max(1, made.Workers)));
        return new SweepSpec
        {
            Name = $"{string.Join(", ", plan.Methods.Select(method => method.Name))} on {Names.DatasetTitle(made.Dataset)}",
            Base = made,
            BaseOptions = [.. given.Keys],
            Sampler = new SamplerSpec { Kind = "list" },
            Trials = trials,
            Goals = [new("testAccuracy", IsMaximized: true), .. made.CurvatureSamples > 0 ? [new GoalSpec("curvature", IsMaximized: false)] : Array.Empty<GoalSpec>()],
            MaxConcurrent = Math.Clamp(concurrent, 1, MostConcurrent),
        };
    }

    private async Task<Dictionary<string, OptionValue>> ReadGivenAsync(RunSpec robustness, KnownNames names, bool isRemote, CancellationToken cancellationToken)
    {
        var given = new Dictionary<string, OptionValue>();
        if (reader.Dataset(options.Dataset, services.WorkingDirectory) is { } dataset)
        {
            given["dataset"] = dataset;
        }

        if ((isRemote ? reader.Text(options.DataDirectory) : reader.ExistingFolder(options.DataDirectory, services.WorkingDirectory)) is { } folder)
        {
            given["dataDir"] = folder;
        }

        var architecture = reader.Text(options.Architecture) ?? DefaultNetwork;
        if (await NetworkArgument.ReadAsync(reader, options.Architecture, architecture, services, names.Kinds, cancellationToken) is { } network)
        {
            given["network"] = network.Description.ToJson();
        }
        else if (!NetworkArgument.IsFile(architecture))
        {
            given["arch"] = architecture;
        }

        foreach (var (option, run) in options.OfRuns)
        {
            if (Read(option, run) is { } value)
            {
                given[run.Name] = value;
            }
        }

        foreach (var run in RunSpecOptions.All.Where(option => option.Field is not nameof(RunSpec.EvalAttacks) && IsOfRobustness(option.Field)))
        {
            if (run.Get(robustness) is { } value && value != run.Get(_fresh))
            {
                given[run.Name] = value;
            }
        }

        foreach (var (option, name) in new[] { (options.Dataset, "dataset"), (options.Architecture, "arch") })
        {
            if (given.TryGetValue(name, out var value) && RunSpecOptions.Find(name)!.Convert(value, names).Problem is { } problem)
            {
                reader.Add(option, problem);
            }
        }

        return given;
    }

    private static bool IsOfRobustness(string field) => field.StartsWith("Eval", StringComparison.Ordinal) || field == nameof(RunSpec.Certify);

    private OptionValue? Read(Option option, RunSpecOption run)
    {
        OptionValue? value = run.Kind switch
        {
            OptionKind.Whole => reader.LongNumber(option) is { } whole ? OptionValue.FromInt64(whole) : null,
            OptionKind.Number => reader.Number(option) is { } number ? OptionValue.FromDouble(number) : null,
            _ => reader.Text(option) is { } text ? OptionValue.FromString(text) : null,
        };
        if (value is null)
        {
            return null;
        }

        var (converted, problem) = run.Convert(value);
        if (problem is not null)
        {
            reader.Add(option, problem);
        }

        return converted;
    }

    private ComparisonPlan ReadPlan()
    {
        var seeds = (int)(reader.LongNumber(options.Seeds, 1, MostSeeds) ?? 1);
        var seed = reader.LongNumber(options.Seed, long.MinValue, long.MaxValue - MostSeeds) ?? _fresh.Seed;
        var texts = reader.Text(options.Methods)?.Split(',', StringSplitOptions.TrimEntries) ?? [.. Names.Methods];
        var methods = texts.Select(text => ReadMethod(text, seeds)).ToArray();
        foreach (var twice in methods.CountBy(method => method.Name).Where(count => count.Value > 1))
        {
            reader.Add(options.Methods, $"expected each method once, got '{twice.Key}' {twice.Value} times; say its seeds as {twice.Key}:{twice.Value}");
        }

        return new ComparisonPlan(methods, seed);
    }

    private PlannedMethod ReadMethod(string text, int seeds)
    {
        var parts = text.Split(':');
        if (!Names.Methods.Contains(parts[0]))
        {
            reader.Add(options.Methods, $"expected some of {string.Join(", ", Names.Methods)}, got '{parts[0]}'{Spelling.Hint(parts[0], Names.Methods)}");
        }
        else if (parts.Length > 2 || (parts.Length == 2 && !(int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out seeds) && seeds is >= 1 and <= MostSeeds)))
        {
            reader.Add(options.Methods, $"expected NAME or NAME:SEEDS with 1 to {MostSeeds} seeds, got '{text}'");
        }

        return new PlannedMethod(parts[0], seeds);
    }

    // What is wrong with a run has the option's name; what is left is wrong with the sweep.
    private void Check(SweepSpec spec, KnownNames names)
    {
        foreach (var trial in spec.Trials)
        {
            var run = spec.SpecOf(1, trial);
            options.Robustness.Check(reader, run);
            foreach (var problem in run.Validate(names).Where(problem => !IsOfRobustness(problem.Field)))
            {
                reader.Add(ArgumentProblem.Of(problem) with { Message = $"{problem.Message} (method {ComparisonPlan.MethodOf(trial)})" });
            }
        }

        reader.ThrowIfProblems();
        foreach (var problem in spec.Validate(names))
        {
            reader.Add(new ArgumentProblem(problem.Field, problem.Message));
        }
    }

    // Where it ran and how it got in is nobody's business; whether it went on makes no difference.
    private string Command() => string.Join(' ', options.OfComparison.Where(reader.IsTyped)
        .SelectMany(option => new[] { option.Name, reader.OptionalText(option) }).OfType<string>().Select(Quoted).Prepend("lcnn compare"));

    private static string Quoted(string text) =>
        text.Length > 0 && text.All(letter => char.IsLetterOrDigit(letter) || "-_.,:/+=@%".Contains(letter)) ? text : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
