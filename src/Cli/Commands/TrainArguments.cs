using System.CommandLine;
using System.Numerics;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>Turns the command line of <c>lcnn train</c> into a spec: a recipe, changed by what was given and by nothing else.</summary>
internal sealed class TrainArguments(ParseResult parsed, TrainOptions options, CliServices services)
{
    private const int MaxShards = 1024;

    private readonly ArgumentReader _reader = new(parsed);

    /// <summary>The request, or every problem at once.</summary>
    public (TrainRequest? Request, IReadOnlyList<ArgumentProblem> Problems) Read()
    {
        var places = new TrainPlaces(_reader, options, services);
        ITrainFolders folders = places.IsRemote ? new RemoteFolders(_reader, options) : new TrainFolders(_reader, options, services);
        var spec = Override(BaseSpec(folders.FindResumed()), places.IsRemote);
        spec = folders.Place(spec);
        foreach (var problem in spec.Validate())
        {
            _reader.Add(ArgumentProblem.Of(problem));
        }

        var place = places.Choose(spec);
        return _reader.Problems.Count > 0
            ? (null, _reader.Problems)
            : (new TrainRequest(spec, _reader.IsGiven(options.Overwrite), place, _reader.IsGiven(options.Detach)), []);
    }

    // A resumed run keeps what it was started with, unless another recipe is asked for.
    private RunSpec BaseSpec(RunSpec? resumed)
    {
        var preset = _reader.Text(options.Preset);
        if (resumed is not null && (preset is null || preset == resumed.Preset))
        {
            var loss = _reader.Text(options.Architecture) is { } other && other != resumed.Architecture ? Recipes.DefaultLoss(other) : resumed.Loss;
            return resumed with { Loss = loss, DataDirectory = null };
        }

        var dataset = _reader.Text(options.Dataset) ?? "digits";
        var architecture = _reader.Text(options.Architecture) ?? "resnet8-lcnn";
        preset ??= "default";
        return Names.Presets.Contains(preset)
            ? Recipes.For(preset, dataset, architecture)
            : Recipes.Default(dataset, architecture) with { Preset = preset }; // refused by Validate, by name
    }

    private RunSpec Override(RunSpec recipe, bool isRemote)
    {
        var (shards, workers) = Parallelism(recipe);
        return recipe with
        {
            Dataset = _reader.Text(options.Dataset) ?? recipe.Dataset,
            Architecture = _reader.Text(options.Architecture) ?? recipe.Architecture,
            Loss = _reader.Text(options.Loss) ?? recipe.Loss,
            Epochs = _reader.WholeNumber(options.Epochs) ?? recipe.Epochs,
            BatchSize = _reader.WholeNumber(options.BatchSize) ?? recipe.BatchSize,
            LogicalShards = shards,
            Workers = workers,
            ThreadsPerWorker = _reader.WholeNumber(options.Threads, minimum: 1) ?? Threads(workers, isRemote),
            Seed = _reader.LongNumber(options.Seed) ?? recipe.Seed,
            LearningRate = _reader.Number(options.LearningRate) ?? recipe.LearningRate,
            Momentum = _reader.Number(options.Momentum) ?? recipe.Momentum,
            WeightDecay = _reader.Number(options.WeightDecay) ?? recipe.WeightDecay,
            Schedule = _reader.Text(options.Schedule) ?? recipe.Schedule,
            BetaWeight = _reader.Number(options.BetaWeight) ?? recipe.BetaWeight,
            GammaWeight = _reader.Number(options.GammaWeight) ?? recipe.GammaWeight,
            GradientNormWeight = _reader.Number(options.GradientNormWeight) ?? recipe.GradientNormWeight,
            Augment = Augment() ?? recipe.Augment,
            TrainLimit = _reader.WholeNumber(options.TrainLimit) ?? recipe.TrainLimit,
            TestLimit = _reader.WholeNumber(options.TestLimit) ?? recipe.TestLimit,
            CurvatureSamples = _reader.WholeNumber(options.CurvatureSamples) ?? recipe.CurvatureSamples,
            SpectralGrid = _reader.Text(options.SpectralGrid) ?? recipe.SpectralGrid,
            RunningStatistics = _reader.Text(options.RunningStatistics) ?? recipe.RunningStatistics,
            AllowMixed = _reader.IsGiven(options.AllowMixed),
            Transport = _reader.Text(options.Transport) ?? recipe.Transport,
            BucketMegabytes = _reader.Number(options.BucketMegabytes) ?? recipe.BucketMegabytes,
            SnapshotEvery = _reader.WholeNumber(options.SnapshotEvery) ?? recipe.SnapshotEvery,
            KeepSnapshots = _reader.WholeNumber(options.Keep) ?? recipe.KeepSnapshots,
        };
    }

    // The silos know their cores.
    private int Threads(int workers, bool isRemote) => isRemote ? 0 : Math.Max(1, services.ProcessorCount / Math.Max(1, workers));

    // Shards decide the result, workers never do: a missing one follows from the other, a given one stays.
    private (int Shards, int Workers) Parallelism(RunSpec recipe)
    {
        var givenWorkers = _reader.WholeNumber(options.Workers);
        var shards = _reader.WholeNumber(options.Shards)
            ?? (givenWorkers > recipe.LogicalShards ? (int)BitOperations.RoundUpToPowerOf2((uint)Math.Min(givenWorkers.Value, MaxShards)) : recipe.LogicalShards);
        return (shards, givenWorkers ?? Math.Max(1, Math.Min(recipe.Workers, shards)));
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
