using Lcnn.Distributed.Networks;

namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>The presets as functions: each value stands beside its source.</summary>
public static class Recipes
{
    /// <summary>The spec of a preset for one data set and network.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The preset is not one of <see cref="Names.Presets"/>.</exception>
    public static RunSpec For(string preset, string dataset = "digits", string architecture = "resnet8-lcnn") => preset switch
    {
        "default" => Default(dataset, architecture),
        "reference" => Reference(dataset, architecture),
        "paper" => Paper(dataset, architecture),
        _ => throw new ArgumentOutOfRangeException(nameof(preset), preset, $"expected one of {string.Join(", ", Names.Presets)}"),
    };

    /// <summary>A spec with what another preset decides, and the rest as it is.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The preset is not one of <see cref="Names.Presets"/>.</exception>
    public static RunSpec Change(RunSpec spec, string preset, string dataset, string architecture)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return For(preset, dataset, architecture) with
        {
            DataDirectory = spec.DataDirectory,
            ThreadsPerWorker = spec.ThreadsPerWorker,
            Seed = spec.Seed,
            ScheduleEpochs = spec.ScheduleEpochs,
            Augment = spec.Augment,
            TrainLimit = spec.TrainLimit,
            TestLimit = spec.TestLimit,
            SpectralGrid = spec.SpectralGrid,
            Network = architecture == spec.Architecture ? spec.Network : null,
            NetworkParameters = spec.NetworkParameters,
            Tf32 = spec.Tf32,
            AllowMixed = spec.AllowMixed,
            Transport = spec.Transport,
            SnapshotEvery = spec.SnapshotEvery,
            KeepSnapshots = spec.KeepSnapshots,
            BucketMegabytes = spec.BucketMegabytes,
            ImageSize = spec.ImageSize,
            Grayscale = spec.Grayscale,
            Normalize = spec.Normalize,
            Split = spec.Split,
            SplitSeed = spec.SplitSeed,
            SkipBad = spec.SkipBad,
        };
    }

    /// <summary>The spec with an optimizer and the rate and weight decay that it starts from: AdamW's are torch.optim.AdamW's, SGD's the spec's own.</summary>
    public static RunSpec WithOptimizer(RunSpec spec, string optimizer)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return optimizer == spec.Optimizer ? spec
            : optimizer == "adamw" ? spec with { Optimizer = optimizer, LearningRate = 1e-3, WeightDecay = 1e-2 }
            : spec with { Optimizer = optimizer };
    }

    /// <summary>What serves a user best: measured by us (docs/results.md).</summary>
    public static RunSpec Default(string dataset = "digits", string architecture = "resnet8-lcnn") => new()
    {
        Dataset = dataset,
        Architecture = architecture,
        Preset = "default",
        Loss = DefaultLoss(architecture),
        Epochs = IsSmall(architecture) ? (dataset == "digits" ? 20 : 5) : 200,
        BatchSize = IsSmall(architecture) ? 64 : 128,
        LogicalShards = 2,
        Workers = 2,
        LearningRate = 0.1,
        Momentum = 0.9,
        WeightDecay = 5e-4,
        Schedule = "cosine",
        BetaWeight = 1e-3,
        GammaWeight = 1e-3,
        GradientNormWeight = 1e-3,
        CurvatureSamples = DefaultCurvatureSamples(architecture),
        RunningStatistics = "warm",
    };

    /// <summary>The released command line of the authors (train_models.py:86-121 at efbe69a) on up to eight workers.</summary>
    public static RunSpec Reference(string dataset = "cifar100", string architecture = "resnet18-lcnn") => new()
    {
        Dataset = dataset,
        Architecture = architecture,
        Preset = "reference",
        Loss = DefaultLoss(architecture),
        Epochs = 200,
        BatchSize = 128,
        LogicalShards = 8,
        Workers = 1,
        BatchNorm = "global",
        LearningRate = 0.1,
        Momentum = 0.9,
        WeightDecay = 5e-4,
        Schedule = "multistep",
        BetaWeight = 1e-2,
        GammaWeight = 1e-2,
        GradientNormWeight = 1e-3,
        CurvatureSamples = DefaultCurvatureSamples(architecture),
        CurvatureIterations = 10,
    };

    /// <summary>
    /// As <see cref="Reference"/>, with the weights 1e-3 of the code behind the paper's Table 1 (train_curvature.py at 5b94577).
    /// </summary>
    public static RunSpec Paper(string dataset = "cifar100", string architecture = "resnet18-lcnn") =>
        Reference(dataset, architecture) with { Preset = "paper", BetaWeight = 1e-3, GammaWeight = 1e-3, GradientNormWeight = 1e-3 };

    /// <summary>The objective of a network that nobody here knows: the silos that have it choose.</summary>
    public const string OpenLoss = "";

    /// <summary>The objective a network is trained with unless told otherwise; <see cref="OpenLoss"/> for one that is not built in.</summary>
    public static string DefaultLoss(string architecture) => NetworkCatalog.Find(architecture) is { } known ? DefaultLoss(known) : OpenLoss;

    /// <summary>The same of a network of the run's own.</summary>
    public static string DefaultLoss(NetworkDescription network) => network is { HasPenalties: true } ? "curvature" : "ce";

    /// <summary>1000 for the small networks, 100 for the large ones: a Hessian-vector product costs three passes.</summary>
    public static int DefaultCurvatureSamples(string architecture) => IsSmall(architecture) ? 1000 : 100;

    private static bool IsSmall(string architecture) => architecture.StartsWith("resnet8", StringComparison.Ordinal);
}
