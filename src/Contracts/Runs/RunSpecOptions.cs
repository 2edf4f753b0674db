using System.Numerics;
using Lcnn.Distributed.Networks;

namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>The options of a run by name: the command line's in camelCase. One table for sweep files, trials and anything else that sets fields by name.</summary>
public static class RunSpecOptions
{
    private const int MaxShards = 1024;
    internal const int MaxAttackSteps = 1000;
    private const string NetworkName = "network";
    private const string SizePrefix = NetworkName + ".";
    private const int MaxSize = 1_000_000;

    private static readonly Dictionary<string, RunSpecOption> _byName;
    private static readonly Dictionary<string, RunSpecOption> _byField;
    private static readonly Dictionary<string, int> _order;

    static RunSpecOptions()
    {
        _byName = All.ToDictionary(option => option.Name);
        _order = All.Select((option, index) => (option.Name, index)).ToDictionary(entry => entry.Name, entry => entry.index);
        _byField = All.Append(Network).ToDictionary(option => option.Field);
    }

    /// <summary>All of them, in the order of the command line's help.</summary>
    public static IReadOnlyList<RunSpecOption> All { get; } =
    [
        new("dataset", nameof(RunSpec.Dataset), OptionKind.Text, spec => OptionValue.FromString(spec.Dataset), (spec, value) => spec with { Dataset = value.Text! })
        { Known = Names.Datasets, Added = names => names.AllDatasets, TakesPathBeside = true },
        new("dataDir", nameof(RunSpec.DataDirectory), OptionKind.Text,
            spec => spec.DataDirectory is { } folder ? OptionValue.FromString(folder) : null,
            (spec, value) => spec with { DataDirectory = value.Text })
        { IsSweepable = false, IsPath = true },
        new("arch", nameof(RunSpec.Architecture), OptionKind.Text,
            spec => OptionValue.FromString(spec.Architecture), (spec, value) => spec with { Architecture = value.Text!, Network = null })
        { Known = Names.Architectures, Added = names => names.AllNetworks },
        new("archParameters", nameof(RunSpec.NetworkParameters), OptionKind.Text,
            spec => spec.NetworkParameters.Length > 0 ? OptionValue.FromString(spec.NetworkParameters) : null, (spec, value) => spec with { NetworkParameters = value.Text! }),
        Choice("preset", nameof(RunSpec.Preset), Names.Presets, spec => spec.Preset, (spec, text) => spec with { Preset = text }),
        new("method", nameof(RunSpec.Method), OptionKind.Text,
            spec => spec.Method is { } method ? OptionValue.FromString(method) : null, (spec, value) => TrainingMethods.Find(value.Text!)!.Apply(spec))
        { Known = Names.Methods },
        Choice("loss", nameof(RunSpec.Loss), Names.Losses, spec => spec.Loss, (spec, text) => spec with { Loss = text }),
        Whole("epochs", nameof(RunSpec.Epochs), 1, spec => spec.Epochs, (spec, whole) => spec with { Epochs = whole }),
        Whole("batchSize", nameof(RunSpec.BatchSize), 2, spec => spec.BatchSize, (spec, whole) => spec with { BatchSize = whole }),
        Whole("shards", nameof(RunSpec.LogicalShards), 1, spec => spec.LogicalShards, (spec, whole) => spec with { LogicalShards = whole }, MaxShards),
        Whole("workers", nameof(RunSpec.Workers), 1, spec => spec.Workers, (spec, whole) => spec with { Workers = whole }, MaxShards),
        Whole("threads", nameof(RunSpec.ThreadsPerWorker), 1,
            spec => spec.ThreadsPerWorker, (spec, whole) => spec with { ThreadsPerWorker = whole }),
        new("seed", nameof(RunSpec.Seed), OptionKind.Whole,
            spec => OptionValue.FromInt64(spec.Seed), (spec, value) => spec with { Seed = value.Whole!.Value }),
        Number("lr", nameof(RunSpec.LearningRate), 1e3, spec => spec.LearningRate, (spec, number) => spec with { LearningRate = number }, isMinimumOpen: true),
        Number("momentum", nameof(RunSpec.Momentum), 0.9999, spec => spec.Momentum, (spec, number) => spec with { Momentum = number }),
        Number("weightDecay", nameof(RunSpec.WeightDecay), 1e3, spec => spec.WeightDecay, (spec, number) => spec with { WeightDecay = number }),
        Choice("optimizer", nameof(RunSpec.Optimizer), Names.Optimizers, spec => spec.Optimizer, (spec, text) => spec with { Optimizer = text }),
        new("nesterov", nameof(RunSpec.Nesterov), OptionKind.Flag,
            spec => OptionValue.FromBoolean(spec.Nesterov), (spec, value) => spec with { Nesterov = value.Flag!.Value }),
        new("betas", nameof(RunSpec.Betas), OptionKind.Text, spec => OptionValue.FromString(spec.Betas), (spec, value) => spec with { Betas = value.Text! }),
        Number("eps", nameof(RunSpec.Epsilon), 1, spec => spec.Epsilon, (spec, number) => spec with { Epsilon = number }),
        Number("clipGradNorm", nameof(RunSpec.ClipGradientNorm), 1e6, spec => spec.ClipGradientNorm, (spec, number) => spec with { ClipGradientNorm = number }),
        Number("emaDecay", nameof(RunSpec.EmaDecay), 0.999999, spec => spec.EmaDecay, (spec, number) => spec with { EmaDecay = number }),
        Whole("warmupEpochs", nameof(RunSpec.WarmupEpochs), 0, spec => spec.WarmupEpochs, (spec, whole) => spec with { WarmupEpochs = whole }),
        Choice("schedule", nameof(RunSpec.Schedule), Names.Schedules, spec => spec.Schedule, (spec, text) => spec with { Schedule = text }),
        Whole("scheduleEpochs", nameof(RunSpec.ScheduleEpochs), 0, spec => spec.ScheduleEpochs, (spec, whole) => spec with { ScheduleEpochs = whole }),
        Number("betaWeight", nameof(RunSpec.BetaWeight), 1e6, spec => spec.BetaWeight, (spec, number) => spec with { BetaWeight = number }),
        Number("gammaWeight", nameof(RunSpec.GammaWeight), 1e6, spec => spec.GammaWeight, (spec, number) => spec with { GammaWeight = number }),
        Number("gradnormWeight", nameof(RunSpec.GradientNormWeight), 1e6,
            spec => spec.GradientNormWeight, (spec, number) => spec with { GradientNormWeight = number }),
        Choice("attack", nameof(RunSpec.Attack), Names.Attacks, spec => spec.Attack, (spec, text) => spec with { Attack = text }),
        Number("attackRadius", nameof(RunSpec.AttackRadius), 1e3, spec => spec.AttackRadius, (spec, number) => spec with { AttackRadius = number }, isMinimumOpen: true),
        Whole("attackSteps", nameof(RunSpec.AttackSteps), 0, spec => spec.AttackSteps, (spec, whole) => spec with { AttackSteps = whole }, MaxAttackSteps),
        Number("attackStepSize", nameof(RunSpec.AttackStepSize), 1e3, spec => spec.AttackStepSize, (spec, number) => spec with { AttackStepSize = number }),
        new("augment", nameof(RunSpec.Augment), OptionKind.Flag,
            spec => spec.Augment is { } flag ? OptionValue.FromBoolean(flag) : null, (spec, value) => spec with { Augment = value.Flag }),
        Choice("spectralGrid", nameof(RunSpec.SpectralGrid), Names.SpectralGrids,
            spec => spec.SpectralGrid, (spec, text) => spec with { SpectralGrid = text }),
        Choice("runningStatistics", nameof(RunSpec.RunningStatistics), Names.RunningStatistics,
            spec => spec.RunningStatistics, (spec, text) => spec with { RunningStatistics = text }),
        Choice("batchNorm", nameof(RunSpec.BatchNorm), Names.BatchNorms, spec => spec.BatchNorm, (spec, text) => spec with { BatchNorm = text }),
        new("tf32", nameof(RunSpec.Tf32), OptionKind.Flag,
            spec => OptionValue.FromBoolean(spec.Tf32), (spec, value) => spec with { Tf32 = value.Flag!.Value })
        { IsSweepable = false }, // one setting of a silo
        Whole("trainLimit", nameof(RunSpec.TrainLimit), 0, spec => spec.TrainLimit, (spec, whole) => spec with { TrainLimit = whole }),
        Whole("testLimit", nameof(RunSpec.TestLimit), 0,
            spec => spec.TestLimit, (spec, whole) => spec with { TestLimit = whole }, isSweepable: false), // trials would be compared by other images
        Whole("curvatureSamples", nameof(RunSpec.CurvatureSamples), 0,
            spec => spec.CurvatureSamples, (spec, whole) => spec with { CurvatureSamples = whole }),
        Open("evalAttacks", nameof(RunSpec.EvalAttacks), spec => spec.EvalAttacks, (spec, text) => spec with { EvalAttacks = text }),
        Choice("evalNorm", nameof(RunSpec.EvalNorm), EvaluationNames.Norms, spec => spec.EvalNorm, (spec, text) => spec with { EvalNorm = text }),
        Open("evalEpsilons", nameof(RunSpec.EvalEpsilons), spec => spec.EvalEpsilons, (spec, text) => spec with { EvalEpsilons = text }),
        Whole("evalSteps", nameof(RunSpec.EvalSteps), 1, spec => spec.EvalSteps, (spec, whole) => spec with { EvalSteps = whole }),
        Whole("evalRestarts", nameof(RunSpec.EvalRestarts), 1, spec => spec.EvalRestarts, (spec, whole) => spec with { EvalRestarts = whole }),
        Whole("evalSamples", nameof(RunSpec.EvalSamples), 1, spec => spec.EvalSamples, (spec, whole) => spec with { EvalSamples = whole }),
        Whole("evalAttackSamples", nameof(RunSpec.EvalAttackSamples), 1, spec => spec.EvalAttackSamples, (spec, whole) => spec with { EvalAttackSamples = whole }),
        new("certify", nameof(RunSpec.Certify), OptionKind.Flag,
            spec => OptionValue.FromBoolean(spec.Certify), (spec, value) => spec with { Certify = value.Flag!.Value }),
        Open("evalNoise", nameof(RunSpec.EvalNoise), spec => spec.EvalNoise, (spec, text) => spec with { EvalNoise = text }),
        Choice("transport", nameof(RunSpec.Transport), Names.Transports,
            spec => spec.Transport, (spec, text) => spec with { Transport = text }, isSweepable: false),
        new("allowMixed", nameof(RunSpec.AllowMixed), OptionKind.Flag,
            spec => OptionValue.FromBoolean(spec.AllowMixed), (spec, value) => spec with { AllowMixed = value.Flag!.Value })
        { IsSweepable = false },
        Number("bucketMb", nameof(RunSpec.BucketMegabytes), 1e6,
            spec => spec.BucketMegabytes, (spec, number) => spec with { BucketMegabytes = number }, isMinimumOpen: true, isSweepable: false),
        Whole("snapshotEvery", nameof(RunSpec.SnapshotEvery), 0,
            spec => spec.SnapshotEvery, (spec, whole) => spec with { SnapshotEvery = whole }, isSweepable: false),
        Whole("keep", nameof(RunSpec.KeepSnapshots), 2,
            spec => spec.KeepSnapshots, (spec, whole) => spec with { KeepSnapshots = whole }, isSweepable: false),
        new("imageSize", nameof(RunSpec.ImageSize), OptionKind.Text,
            spec => spec.ImageSize is { } size ? OptionValue.FromString(size) : null, (spec, value) => spec with { ImageSize = value.Text }),
        new("grayscale", nameof(RunSpec.Grayscale), OptionKind.Flag,
            spec => OptionValue.FromBoolean(spec.Grayscale), (spec, value) => spec with { Grayscale = value.Flag!.Value }),
        new("normalize", nameof(RunSpec.Normalize), OptionKind.Text,
            spec => OptionValue.FromString(spec.Normalize ?? ImageTexts.None), (spec, value) => spec with { Normalize = value.Text == ImageTexts.None ? null : value.Text }),
        Number("split", nameof(RunSpec.Split), 0.9, spec => spec.Split, (spec, number) => spec with { Split = number }, isSweepable: false), // trials would be compared by other images
        new("splitSeed", nameof(RunSpec.SplitSeed), OptionKind.Whole,
            spec => OptionValue.FromInt64(spec.SplitSeed), (spec, value) => spec with { SplitSeed = value.Whole!.Value })
        { IsSweepable = false },
        new("skipBad", nameof(RunSpec.SkipBad), OptionKind.Flag,
            spec => OptionValue.FromBoolean(spec.SkipBad), (spec, value) => spec with { SkipBad = value.Flag!.Value })
        { IsSweepable = false },
    ];

    /// <summary>A network of the run's own, as <see cref="NetworkDescription.ToJson"/>. On the command line it is the file that --arch names, in a sweep's file a key of its own.</summary>
    public static RunSpecOption Network { get; } = new(
        NetworkName, nameof(RunSpec.Network), OptionKind.Text,
        spec => spec.Network is { } network ? OptionValue.FromString(network) : null,
        (spec, value) => spec with { Network = value.Text, Architecture = NetworkDescription.Parse(value.Text!).Name })
    {
        IsSweepable = false,
    };

    /// <summary>The names, in the same order.</summary>
    public static IReadOnlyList<string> AllNames { get; } = [.. All.Select(option => option.Name)];

    /// <summary>The option of a name, or null.</summary>
    /// <remarks>"network.width" is that for the parameter "width" of the run's network.</remarks>
    public static RunSpecOption? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name == NetworkName ? Network : name.StartsWith(SizePrefix, StringComparison.Ordinal) ? Size(name[SizePrefix.Length..]) : _byName.GetValueOrDefault(name);
    }

    /// <summary>The option behind a property of the spec, or null where none sets it.</summary>
    public static RunSpecOption? OfField(string field) => _byField.GetValueOrDefault(field);

    /// <summary>What the command line makes of the same options: the preset's recipe for the data set and network, changed by what is given.</summary>
    /// <exception cref="ArgumentException">A name is unknown or its value not accepted.</exception>
    public static RunSpec Build(IEnumerable<KeyValuePair<string, OptionValue>> given)
    {
        var options = given.ToDictionary();
        var preset = options.GetValueOrDefault("preset")?.Text ?? "default";
        var own = options.GetValueOrDefault(NetworkName)?.Text is { } json ? NetworkDescription.Parse(json) : null;
        var recipe = Recipes.For(preset, options.GetValueOrDefault("dataset")?.Text ?? "digits", own?.Name ?? options.GetValueOrDefault("arch")?.Text ?? "resnet8-lcnn");
        recipe = own is null ? recipe : recipe with { Network = own.ToJson(), Loss = Recipes.DefaultLoss(own) };
        recipe = Recipes.WithOptimizer(recipe, options.GetValueOrDefault("optimizer")?.Text ?? recipe.Optimizer);
        return Apply(Parallel(recipe, options.GetValueOrDefault("shards")?.AsWhole, options.GetValueOrDefault("workers")?.AsWhole), options);
    }

    /// <summary>The spec with these options changed and nothing else.</summary>
    /// <exception cref="ArgumentException">A name is unknown or its value not accepted.</exception>
    public static RunSpec Apply(RunSpec spec, IEnumerable<KeyValuePair<string, OptionValue>> changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        foreach (var (name, given) in changes.OrderBy(change => _order.GetValueOrDefault(change.Key))) // a method changes the network that is given beside it
        {
            var option = Find(name) ?? throw new ArgumentException($"expected an option of a run, got '{name}'", nameof(changes));
            var (value, problem) = option.Convert(given, KnownNames.OfAnyCluster); // which names there are, its check says
            spec = option.Set(spec, value ?? throw new ArgumentException($"{name}: {problem}", nameof(changes)));
        }

        return spec;
    }

    // A parameter of the network; whether the network has it, its own check says.
    private static RunSpecOption Size(string parameter) => new(
        SizePrefix + parameter, nameof(RunSpec.NetworkParameters), OptionKind.Whole,
        spec => NetworkSizes.Parse(spec.NetworkParameters).TryGetValue(parameter, out var size) ? OptionValue.FromInt64(size) : null,
        (spec, value) => spec with { NetworkParameters = NetworkSizes.With(spec.NetworkParameters, parameter, value.Whole!.Value) })
    {
        Minimum = 0,
        Maximum = MaxSize,
    };

    // Shards decide the result, workers never do: a missing one follows from the other, a given one stays.
    private static RunSpec Parallel(RunSpec recipe, long? givenShards, long? givenWorkers)
    {
        var shards = givenShards
            ?? (givenWorkers > recipe.LogicalShards ? BitOperations.RoundUpToPowerOf2((uint)Math.Min(givenWorkers.Value, MaxShards)) : recipe.LogicalShards);
        return recipe with { LogicalShards = (int)shards, Workers = (int)Math.Max(1, Math.Min(recipe.Workers, shards)) };
    }

    private static RunSpecOption Choice(
        string name, string field, IReadOnlyList<string> known, Func<RunSpec, string> get, Func<RunSpec, string, RunSpec> set, bool isSweepable = true) =>
        new(name, field, OptionKind.Text, spec => OptionValue.FromString(get(spec)), (spec, value) => set(spec, value.Text!))
        {
            Known = known,
            IsSweepable = isSweepable,
        };

    // An empty text leaves it open.
    private static RunSpecOption Open(string name, string field, Func<RunSpec, string> get, Func<RunSpec, string, RunSpec> set) =>
        new(name, field, OptionKind.Text, spec => get(spec) is { Length: > 0 } text ? OptionValue.FromString(text) : null, (spec, value) => set(spec, value.Text!));

    // Zero stands for "not set" where an option's smallest value is larger.
    private static RunSpecOption Whole(
        string name, string field, int minimum, Func<RunSpec, int> get, Func<RunSpec, int, RunSpec> set, int maximum = int.MaxValue, bool isSweepable = true) =>
        new(name, field, OptionKind.Whole,
            spec => get(spec) is var whole && whole >= minimum ? OptionValue.FromInt64(whole) : null, (spec, value) => set(spec, (int)value.Whole!.Value))
        {
            Minimum = minimum,
            Maximum = maximum,
            IsSweepable = isSweepable,
        };

    private static RunSpecOption Number(
        string name, string field, double maximum, Func<RunSpec, double> get, Func<RunSpec, double, RunSpec> set,
        bool isMinimumOpen = false, bool isSweepable = true) =>
        new(name, field, OptionKind.Number, spec => OptionValue.FromDouble(get(spec)), (spec, value) => set(spec, value.Number!.Value))
        {
            Minimum = 0,
            Maximum = maximum,
            IsMinimumOpen = isMinimumOpen,
            IsSweepable = isSweepable,
        };
}
