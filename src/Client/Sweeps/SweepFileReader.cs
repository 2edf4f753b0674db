using Lcnn.Distributed.Client.Files;
using Lcnn.Distributed.Client.Networks;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Networks;

namespace Lcnn.Distributed.Client.Sweeps;

/// <summary>Turns the nodes of a sweep file into a spec. What the text cannot be is found here, what the sweep cannot be by its own validation.</summary>
internal sealed class SweepFileReader(string folder, FileProblems problems, KnownNames names)
{
    private readonly NodeReader _nodes = new(problems);

    /// <summary>The spec; only good when no problem was found.</summary>
    public SweepSpec Read(TextNode root)
    {
        var spec = new SweepSpec { Base = RunSpecOptions.Build([]), BaseOptions = [] };
        foreach (var (key, path, value) in _nodes.Entries(root, "", SweepFileKeys.Root, "base: {dataset: digits}"))
        {
            spec = Set(spec, key, path, value);
        }

        if (root is not MappingNode)
        {
            return spec;
        }

        spec = WithNetworkParameters(spec);
        // A parameter that could not be read says nothing about its values, nor about conditions on it.
        var unread = spec.Parameters.Where(parameter => problems.Has($"parameters.{parameter.Name}")).ToArray();
        string[] follow =
        [
            .. unread.Select(parameter => $".when.{parameter.Name}"),
            .. unread.Where(parameter => parameter is { Kind: ParameterKind.Values, Values: [] }).Select(parameter => $"parameters.{parameter.Name}.values"),
        ];
        foreach (var problem in spec.Validate(names).Where(problem => !follow.Any(suffix => problem.Field.EndsWith(suffix, StringComparison.Ordinal))))
        {
            problems.AddUnlessKnown(problem);
        }

        return spec;
    }

    private SweepSpec Set(SweepSpec spec, string key, string path, TextNode value) => key switch
    {
        "name" => spec with { Name = _nodes.Text(value, path) ?? "" },
        "base" => ReadBase(spec, value),
        "parameters" => spec with { Parameters = [.. new ParameterReader(_nodes, problems).Read(value)] },
        "trials" => spec with { Trials = [.. ReadTrials(value)] },
        "sampler" => spec with { Sampler = ReadSampler(value) },
        "scheduler" => spec with { Scheduler = ReadScheduler(value) },
        "goal" => spec with { Goals = [.. ReadGoals(value)] },
        "maxTrials" => spec with { MaxTrials = _nodes.Count(value, path) },
        "maxConcurrent" => spec with { MaxConcurrent = _nodes.Count(value, path) ?? spec.MaxConcurrent },
        "maxDuration" => spec with { MaxDuration = _nodes.Duration(value, path) },
        "maxTrialDuration" => spec with { MaxTrialDuration = _nodes.Duration(value, path) },
        "maxEpochs" => spec with { MaxEpochs = _nodes.Whole(value, path) },
        "maxRetries" => spec with { MaxRetries = _nodes.Count(value, path) ?? spec.MaxRetries },
        _ => spec with { OutputDirectory = _nodes.Path(value, path) ?? "" },
    };

    private SweepSpec ReadBase(SweepSpec spec, TextNode node)
    {
        var given = new Dictionary<string, OptionValue>();
        foreach (var (name, path, value) in _nodes.Entries(node, "base", known: null, "{dataset: digits, epochs: 3}"))
        {
            if (name == "network")
            {
                if (ReadNetwork(value, path) is { } network)
                {
                    given[name] = network.ToJson();
                }
            }
            else if (RunSpecOptions.Find(name) is not { } option)
            {
                var reason = SweepFileKeys.NotInBase.GetValueOrDefault(name) ?? Spelling.Unknown("run option", name, RunSpecOptions.AllNames);
                problems.Add(value.Place, path, reason);
            }
            else if (ReadOption(option, value, path) is { } read)
            {
                var (converted, problem) = option.Convert(read, names);
                if (converted is null)
                {
                    problems.Add(value.Place, path, problem!);
                }
                else
                {
                    given[name] = converted;
                }
            }
        }

        return spec with { Base = RunSpecOptions.Build(given), BaseOptions = [.. given.Keys] };
    }

    // Written out, or the name of its file.
    private NetworkDescription? ReadNetwork(TextNode node, string path)
    {
        if (node is not ScalarNode)
        {
            return NetworkFile.Read(node, path, problems, names.Kinds);
        }

        if (_nodes.Path(node, path) is not { } file)
        {
            return null;
        }

        try
        {
            return NetworkFile.Read(Path.Combine(folder, file), names.Kinds).Description;
        }
        catch (InvalidNetworkException refused)
        {
            problems.Add(node.Place, path, string.Join("; ", refused.Problems));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            problems.Add(node.Place, path, $"'{file}' cannot be read: {exception.Message}");
        }

        return null;
    }

    // A parameter of the network may go by its own name where no option has it.
    private SweepSpec WithNetworkParameters(SweepSpec spec)
    {
        var own = spec.Base.Network is { } json ? NetworkDescription.Parse(json) : NetworkCatalog.Find(spec.Base.Architecture);
        bool IsSize(string name) => own?.Parameters.ContainsKey(name) == true && RunSpecOptions.Find(name) is null;
        string Renamed(string name) => IsSize(name) ? $"network.{name}" : name;
        foreach (var parameter in spec.Parameters.Where(parameter => IsSize(parameter.Name)))
        {
            problems.Place($"parameters.{Renamed(parameter.Name)}", problems.At($"parameters.{parameter.Name}", ""));
        }

        return spec with
        {
            Parameters =
            [
                .. spec.Parameters.Select(parameter => parameter with
                {
                    Name = Renamed(parameter.Name),
                    When = [.. parameter.When.Select(condition => condition with { Parameter = Renamed(condition.Parameter) })],
                }),
            ],
        };
    }

    // What the values may be, the sweep's own validation says.
    private ParameterSet[] ReadTrials(TextNode node) =>
    [
        .. _nodes.Items(node, "trials", "[{lr: 0.1, seed: 1}, {lr: 0.2, seed: 1}]").Select(item => new ParameterSet(
        [
            .. _nodes.Entries(item.Value, item.Path, known: null, "{lr: 0.1, seed: 1}")
                .Select(entry => (entry.Key, Value: _nodes.Value(entry.Value, entry.Path)))
                .Where(entry => entry.Value is not null)
                .Select(entry => KeyValuePair.Create(entry.Key, entry.Value!)),
        ])),
    ];

    private OptionValue? ReadOption(RunSpecOption option, TextNode node, string path) =>
        !option.IsPath ? _nodes.Value(node, path) : _nodes.Path(node, path) is { } folder ? OptionValue.FromString(folder) : null;

    private SamplerSpec ReadSampler(TextNode node)
    {
        var sampler = new SamplerSpec();
        if (node is ScalarNode)
        {
            return sampler with { Kind = ReadKind(node, "sampler", SweepNames.Samplers) };
        }

        foreach (var (key, path, value) in _nodes.Entries(node, "sampler", SweepFileKeys.Sampler, "{kind: tpe, startupTrials: 10}"))
        {
            sampler = key switch
            {
                "kind" => sampler with { Kind = ReadKind(value, path, SweepNames.Samplers) },
                "seed" => sampler with { Seed = _nodes.Whole(value, path) },
                "startupTrials" => sampler with { StartupTrials = _nodes.Count(value, path) ?? sampler.StartupTrials },
                _ => sampler with { Candidates = _nodes.Count(value, path) ?? sampler.Candidates },
            };
        }

        return sampler;
    }

    private SchedulerSpec ReadScheduler(TextNode node)
    {
        var scheduler = new SchedulerSpec();
        if (node is ScalarNode)
        {
            return scheduler with { Kind = ReadKind(node, "scheduler", SweepNames.Schedulers) };
        }

        foreach (var (key, path, value) in _nodes.Entries(node, "scheduler", SweepFileKeys.Scheduler, "{kind: asha, reduction: 3}"))
        {
            scheduler = key switch
            {
                "kind" => scheduler with { Kind = ReadKind(value, path, SweepNames.Schedulers) },
                "reduction" => scheduler with { Reduction = _nodes.Count(value, path) ?? scheduler.Reduction },
                "minEpochs" => scheduler with { MinEpochs = _nodes.Count(value, path) ?? scheduler.MinEpochs },
                "maxEpochs" => scheduler with { MaxEpochs = _nodes.Count(value, path) },
                _ => scheduler with { StartupTrials = _nodes.Count(value, path) ?? scheduler.StartupTrials },
            };
        }

        return scheduler;
    }

    // An unknown kind is kept: nothing else can be said against a sweep whose kind is not known.
    private string ReadKind(TextNode node, string path, IReadOnlyList<string> known)
    {
        var kind = _nodes.Text(node, path) ?? "";
        if (kind.Length > 0 && !known.Contains(kind))
        {
            problems.Add(node.Place, path, Spelling.Unknown("kind", kind, known));
        }

        return kind;
    }

    private List<GoalSpec> ReadGoals(TextNode node)
    {
        IEnumerable<(string Path, TextNode Value)> mappings = node is ListNode
            ? _nodes.Items(node, "goal", "[{maximize: testAccuracy}, {minimize: curvature}]")
            : [("goal", node)];
        var goals = new List<GoalSpec>();
        foreach (var (path, mapping) in mappings)
        {
            foreach (var (key, keyPath, value) in _nodes.Entries(mapping, path, SweepFileKeys.Goal, "{maximize: testAccuracy}"))
            {
                if (_nodes.Text(value, keyPath) is { } metric)
                {
                    problems.Place($"goal[{goals.Count}]", value.Place);
                    goals.Add(new GoalSpec(metric, key == "maximize"));
                }
            }
        }

        return goals;
    }
}
