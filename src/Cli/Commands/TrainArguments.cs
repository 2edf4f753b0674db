using System.CommandLine;
using System.Numerics;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Client.Networks;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>Turns the command line of <c>lcnn train</c> into a spec: a recipe, changed by what was given and by nothing else.</summary>
internal sealed class TrainArguments(ParseResult parsed, TrainOptions options, CliServices services)
{
    private const int MaxShards = 1024;

    private readonly ArgumentReader _reader = new(parsed);
    private NetworkFile? _network;
    private KnownNames _names = KnownNames.BuiltIn;

    /// <summary>The request, or every problem at once. Where only the silos see what is to go on, the request is open until they have said.</summary>
    public async Task<(TrainRequest? Request, IReadOnlyList<ArgumentProblem> Problems)> ReadAsync(CancellationToken cancellationToken)
    {
        var places = new TrainPlaces(_reader, options, services);
        _names = places.IsRemote ? KnownNames.OfAnyCluster : KnownNames.BuiltIn; // the silos may have more
        _network = await NetworkArgument.ReadAsync(_reader, options.Architecture, _reader.Text(options.Architecture), services, _names.Kinds, cancellationToken);
        IRunPaths folders = places.IsRemote ? new RemoteRunPaths(_reader, options) : new LocalRunPaths(_reader, options, services);
        if (folders.Source is not { } source)
        {
            return Read(places, folders, content: null);
        }

        if (!places.IsRemote)
        {
            return Read(places, folders, services.ReadFolder(source));
        }

        var (request, problems) = Read(places, folders, content: null);
        return (request is null ? null : request with { Open = source, Close = content => Read(places, folders, content) }, problems);
    }

    private (TrainRequest? Request, IReadOnlyList<ArgumentProblem> Problems) Read(TrainPlaces places, IRunPaths folders, RunFolderContent? content)
    {
        var isOpen = folders.Source is not null && content is null;
        var spec = folders.Place(Override(BaseSpec(content?.Spec), content?.Spec, places.IsRemote), content);
        foreach (var problem in isOpen ? [] : spec.Validate(_names))
        {
            _reader.Add(ArgumentProblem.Of(problem));
        }

        if (_network is not null && !isOpen && _reader.Problems.Count == 0)
        {
            NetworkArgument.CheckShapes(_reader, options.Architecture, _network, _reader.Text(options.Architecture)!, spec);
        }

        CheckOptimizer(spec, isOpen);

        var place = places.Choose(spec);
        var id = _reader.Id(options.RunId);
        var recording = options.Recording.Read(_reader, services);
        if (_reader.IsGiven(options.Detach))
        {
            options.Recording.Refuse(_reader, "needs somebody who follows the run: leave out --detach, or give this to 'lcnn watch'");
        }

        return _reader.Problems.Count > 0
            ? (null, _reader.Problems)
            : (new TrainRequest(spec, _reader.IsGiven(options.Overwrite), place, _reader.IsGiven(options.Detach))
            {
                RunId = id,
                Recording = recording,
                Finished = FindFinished(spec, content),
                Notices = content is null ? [] : NoticesOf(spec, content),
                HasFreshFolder = !places.IsRemote && !_reader.IsGiven(options.Out),
            }, []);
    }

    // Only "auto" may find that nothing is left: who says --resume wants to see it done again.
    private RunCompleted? FindFinished(RunSpec spec, RunFolderContent? content) =>
        new ResumeOption(_reader, options).IsAuto && content is { Report: { } report, Spec: { } made }
        && !ResumedSpecs.Differences(made, spec).Any(difference => difference.ChangesResult)
            ? report
            : null;

    private static List<string> NoticesOf(RunSpec spec, RunFolderContent content) => spec.ResumeFrom is null
        ? [$"'{spec.OutputDirectory}' holds nothing to go on from: the run starts afresh"]
        : [.. content.Warnings.Where(_ => spec.DataDirectory is null), .. ChangesOf(spec, content)];

    // What a snapshot does not bear, the run refuses by name.
    private static IEnumerable<string> ChangesOf(RunSpec spec, RunFolderContent content) => content.Spec is { } made
        ? ResumedSpecs.Differences(made, spec).Where(difference => !difference.IsFixed).Select(difference => difference.ToString())
        : [];

    // A run that goes on keeps what it had; a recipe that is asked for decides what recipes decide.
    private RunSpec BaseSpec(RunSpec? resumed)
    {
        var preset = _reader.Text(options.Preset);
        var dataset = _reader.Dataset(options.Dataset, services.WorkingDirectory) ?? resumed?.Dataset ?? "digits";
        var architecture = GivenNetwork() ?? resumed?.Architecture ?? "resnet8-lcnn";
        if (resumed is not null && (preset is null || preset == resumed.Preset))
        {
            return resumed with { Loss = architecture == resumed.Architecture ? resumed.Loss : Recipes.DefaultLoss(architecture) };
        }

        preset ??= "default";
        return Names.Presets.Contains(preset)
            ? Recipes.Change(resumed ?? new RunSpec(), preset, dataset, architecture)
            : Recipes.Default(dataset, architecture) with { Preset = preset }; // refused by Validate, by name
    }

    private RunSpec Override(RunSpec recipe, RunSpec? resumed, bool isRemote)
    {
        var (shards, workers) = Parallelism(recipe, resumed);
        recipe = Recipes.WithOptimizer(recipe, _reader.Text(options.Optimizer) ?? recipe.Optimizer);
        recipe = InMethod(recipe with
        {
            Architecture = GivenNetwork() ?? recipe.Architecture,
            Network = GivenNetwork() is null ? recipe.Network : _network?.Description.ToJson(),
            Loss = _network is { } own && own.Description.Name != resumed?.Architecture ? Recipes.DefaultLoss(own.Description) : recipe.Loss,
        });
        return options.Robustness.Apply(_reader, options.Images.Read(_reader).Apply(recipe)) with
        {
            Dataset = _reader.Dataset(options.Dataset, services.WorkingDirectory) ?? recipe.Dataset,
            NetworkParameters = _reader.Text(options.ArchitectureParameters) ?? recipe.NetworkParameters,
            Loss = _reader.Text(options.Loss) ?? recipe.Loss,
            Epochs = _reader.WholeNumber(options.Epochs) ?? recipe.Epochs,
            BatchSize = _reader.WholeNumber(options.BatchSize) ?? recipe.BatchSize,
            LogicalShards = shards,
            Workers = workers,
            ThreadsPerWorker = _reader.WholeNumber(options.Threads, minimum: 1) ?? Threads(workers, resumed, isRemote),
            Seed = _reader.LongNumber(options.Seed) ?? recipe.Seed,
            LearningRate = _reader.Number(options.LearningRate) ?? recipe.LearningRate,
            Momentum = _reader.Number(options.Momentum) ?? recipe.Momentum,
            WeightDecay = _reader.Number(options.WeightDecay) ?? recipe.WeightDecay,
            Nesterov = _reader.IsGiven(options.Nesterov) || recipe.Nesterov,
            Betas = _reader.Text(options.Betas) ?? recipe.Betas,
            Epsilon = _reader.Number(options.Epsilon) ?? recipe.Epsilon,
            ClipGradientNorm = _reader.Number(options.ClipGradientNorm) ?? recipe.ClipGradientNorm,
            EmaDecay = _reader.Number(options.EmaDecay) ?? recipe.EmaDecay,
            WarmupEpochs = _reader.WholeNumber(options.WarmupEpochs) ?? recipe.WarmupEpochs,
            Schedule = _reader.Text(options.Schedule) ?? recipe.Schedule,
            ScheduleEpochs = _reader.WholeNumber(options.ScheduleEpochs) ?? recipe.ScheduleEpochs,
            BetaWeight = _reader.Number(options.BetaWeight) ?? recipe.BetaWeight,
            GammaWeight = _reader.Number(options.GammaWeight) ?? recipe.GammaWeight,
            GradientNormWeight = _reader.Number(options.GradientNormWeight) ?? recipe.GradientNormWeight,
            Attack = _reader.Text(options.Attack) ?? recipe.Attack,
            AttackRadius = _reader.Number(options.AttackRadius) ?? recipe.AttackRadius,
            AttackSteps = _reader.WholeNumber(options.AttackSteps, minimum: 1) ?? recipe.AttackSteps,
            AttackStepSize = _reader.Number(options.AttackStepSize) ?? recipe.AttackStepSize,
            Augment = Augment() ?? recipe.Augment,
            TrainLimit = _reader.WholeNumber(options.TrainLimit) ?? recipe.TrainLimit,
            TestLimit = _reader.WholeNumber(options.TestLimit) ?? recipe.TestLimit,
            CurvatureSamples = _reader.WholeNumber(options.CurvatureSamples) ?? recipe.CurvatureSamples,
            SpectralGrid = _reader.Text(options.SpectralGrid) ?? recipe.SpectralGrid,
            BatchNorm = _reader.Text(options.BatchNorm) ?? recipe.BatchNorm,
            RunningStatistics = _reader.Text(options.RunningStatistics) ?? recipe.RunningStatistics,
            Tf32 = _reader.IsGiven(options.Tf32) || recipe.Tf32,
            AllowMixed = _reader.IsGiven(options.AllowMixed) || recipe.AllowMixed,
            Transport = _reader.Text(options.Transport) ?? recipe.Transport,
            BucketMegabytes = _reader.Number(options.BucketMegabytes) ?? recipe.BucketMegabytes,
            SnapshotEvery = _reader.WholeNumber(options.SnapshotEvery) ?? recipe.SnapshotEvery,
            KeepSnapshots = _reader.WholeNumber(options.Keep) ?? recipe.KeepSnapshots,
        };
    }

    private RunSpec InMethod(RunSpec spec) => _reader.Text(options.Method) is not { } name ? spec
        : TrainingMethods.Find(name)?.Apply(spec) ?? spec with { Method = name }; // refused by Validate, by name

    // A file that could not be read is no unknown name as well.
    private string? GivenNetwork() =>
        _network?.Description.Name ?? (_reader.Text(options.Architecture) is { } given && !NetworkArgument.IsFile(given) ? given : null);

    // The silos know their cores. A run that goes on keeps its threads, unless other workers share the cores.
    private int Threads(int workers, RunSpec? resumed, bool isRemote) =>
        resumed is { ThreadsPerWorker: > 0 } && resumed.Workers == workers ? resumed.ThreadsPerWorker
        : isRemote ? 0
        : Math.Max(1, services.ProcessorCount / Math.Max(1, workers));

    // Shards decide the result, workers never do: a missing one follows from the other, a given one stays, as do those of a run that goes on.
    private (int Shards, int Workers) Parallelism(RunSpec recipe, RunSpec? resumed)
    {
        var givenWorkers = _reader.WholeNumber(options.Workers);
        var shards = _reader.WholeNumber(options.Shards)
            ?? (resumed is null && givenWorkers > recipe.LogicalShards
                ? (int)BitOperations.RoundUpToPowerOf2((uint)Math.Min(givenWorkers.Value, MaxShards))
                : recipe.LogicalShards);
        return (shards, givenWorkers ?? Math.Max(1, Math.Min(recipe.Workers, shards)));
    }

    // A spec has all options of all optimizers; who types one means it.
    private void CheckOptimizer(RunSpec spec, bool isOpen)
    {
        Option[] others = isOpen ? [] : spec.Optimizer switch
        {
            "sgd" => [options.Betas, options.Epsilon],
            "adamw" => [options.Momentum],
            _ => [],
        };
        foreach (var option in others.Where(_reader.IsGiven))
        {
            _reader.Add(option, $"is not an option of --optimizer {spec.Optimizer}; leave it out, or choose the other optimizer");
        }
    }

    private bool? Augment()
    {
        var (on, off) = (_reader.IsGiven(options.Augment), _reader.IsGiven(options.NoAugment));
        if (on && off)
        {
            _reader.Add(options.Augment, "contradicts --no-augment; give one of the two");
        }

        return on ? true : off ? false : null;
    }
}
